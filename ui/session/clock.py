"""The visitor's local time: what the database has in UTC, in the browser's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st


def local(time: datetime) -> datetime:
    """Return an aware time in the browser's time zone; in UTC where that is missing or unknown."""
    return time.astimezone(_zone() or ZoneInfo("UTC"))


def moment(time: datetime) -> str:
    """Return the visitor's day and time of day: Nov 29, 19:07; UTC is named if it is used."""
    at = local(time)
    return f"{at:%b} {at.day}, {at:%H:%M}{'' if _zone() else ' UTC'}"


def day(time: datetime) -> str:
    """Return the visitor's day: November 29, 2026."""
    at = local(time)
    return f"{at:%B} {at.day}, {at.year}"


def _zone() -> ZoneInfo | None:
    """Return the browser's time zone, None if it is invalid: a browser may send anything."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
