"""Settings of a server: all of them come from the environment, and wrong ones are named."""

import pytest

from mnist_core.utils.server_settings import ServerSettings, ServerSettingsError, server_settings


def test_every_setting_comes_from_the_environment(hosted):
    assert not ServerSettings().hosted
    names = sorted(name for name in ServerSettings.model_fields if name.startswith("max_"))
    given = {name: number for number, name in enumerate(names, start=7)} | {"csp": "report"}
    hosted(**given, https=1)
    assert server_settings().model_dump() == given | {"hosted": True, "https": True}


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "nan", "1e999"])
@pytest.mark.parametrize("name", ["max_epochs", "max_queued", "max_runs", "max_parameters"])
def test_a_setting_that_is_none_is_named(hosted, name, value):
    hosted(**{name: value})
    with pytest.raises(
        ServerSettingsError, match=rf"^MNIST_{name.upper()} is invalid: .*'{value}': change it"
    ):
        server_settings()


@pytest.mark.parametrize("value", ["0", "-3", "soon", "nan"])
@pytest.mark.parametrize("name", ["max_seconds", "max_upload_mb", "max_database_mb"])
def test_an_amount_that_is_none_is_named(hosted, name, value):
    hosted(**{name: value})
    with pytest.raises(
        ServerSettingsError, match=rf"^MNIST_{name.upper()} is invalid: .*'{value}': change it"
    ):
        server_settings()


def test_whether_it_is_hosted_is_yes_or_no(monkeypatch):
    for value, hosted in (("1", True), ("true", True), ("0", False), ("", False)):
        monkeypatch.setenv("MNIST_HOSTED", value)
        assert ServerSettings().hosted is hosted
    monkeypatch.setenv("MNIST_HOSTED", "maybe")
    server_settings.cache_clear()
    with pytest.raises(ServerSettingsError, match=r"MNIST_HOSTED is invalid: .*received 'maybe'"):
        server_settings()
    monkeypatch.delenv("MNIST_HOSTED")
    server_settings.cache_clear()


def test_limits_count_on_a_hosted_server_alone():
    laptop, server = ServerSettings(max_seconds=60), ServerSettings(hosted=True, max_seconds=60)
    assert [settings.out_of_time(60) for settings in (laptop, server)] == [False, True]
    assert not server.out_of_time(59.9)
    assert [settings.upload_mb(50) for settings in (laptop, server)] == [50, 20]
    assert server.upload_mb(5) == 5
