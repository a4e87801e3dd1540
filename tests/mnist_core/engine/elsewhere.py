"""Preloaded by a worker that is to pass for one of another machine."""

import socket

socket.gethostname = lambda: "elsewhere"
