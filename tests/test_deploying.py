"""What `deploy/` describes is the server that there is: its settings, its routes, its extras."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from promptuary.api.health import OPERATIONS
from promptuary.providers import KEYS
from promptuary.settings import Settings
from promptuary.settings.sources import FOREIGN, PREFIX, read_sources

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
OBJECTS: dict[str, dict[str, Any]] = {
    each["kind"]: each for each in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
}
COMPOSED: dict[str, Any] = yaml.safe_load((DEPLOY / "server.yaml").read_text())["services"]
WORKLOAD = OBJECTS["Deployment"]["spec"]
POD = WORKLOAD["template"]
(SERVER,) = POD["spec"]["containers"]
OPEN = {each.path for each in OPERATIONS if each.needs == "open"}


@pytest.mark.parametrize(
    "names",
    [[each["name"] for each in SERVER["env"]], list(COMPOSED["server"]["environment"])],
    ids=["kubernetes", "compose"],
)
def test_every_variable_is_one_that_is_read(names: list[str]) -> None:
    ours = {PREFIX + setting.upper() for setting in Settings.model_fields}
    assert set(names) <= ours | set(FOREIGN) | set(KEYS.values())


def test_the_settings_file_says_nothing_that_is_not_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name, text) = next(iter(OBJECTS["ConfigMap"]["data"].items()))
    mounted = {each["mountPath"] for each in SERVER["volumeMounts"] if each.get("readOnly")}
    assert mounted == {"/srv/config"}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    read = read_sources(Settings.model_fields, {})
    assert read.notes == ()
    assert {each.setting for each in read.given} >= {"port", "rate_limit_burst"}


def test_probes_and_checks_ask_routes_that_are_open() -> None:
    probed = {SERVER[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")}
    checked = re.findall(r"8000(/\w+)", COMPOSED["server"]["healthcheck"]["test"][-1])
    assert probed == {"/livez", "/readyz"}
    assert probed | set(checked) <= OPEN
    assert POD["metadata"]["annotations"]["prometheus.io/path"] == "/metrics"


def test_there_is_time_to_end_in() -> None:
    pause = int(SERVER["lifecycle"]["preStop"]["exec"]["command"][-1])
    ending = POD["spec"]["terminationGracePeriodSeconds"]
    assert ending > pause + Settings.model_fields["drain_seconds"].default
    assert WORKLOAD["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_what_scales_is_what_runs() -> None:
    scaled = OBJECTS["HorizontalPodAutoscaler"]["spec"]
    assert scaled["minReplicas"] == WORKLOAD["replicas"]
    assert scaled["scaleTargetRef"]["name"] == OBJECTS["Deployment"]["metadata"]["name"]
    assert WORKLOAD["selector"]["matchLabels"] == POD["metadata"]["labels"]
    assert OBJECTS["Service"]["spec"]["selector"] == POD["metadata"]["labels"]


def test_the_image_is_made_of_what_there_is() -> None:
    recipe = (DEPLOY / "Containerfile").read_text()
    extras = re.findall(r"/source\[([\w,]+)\]", recipe)[0].split(",")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(extras) <= project["optional-dependencies"].keys()
    copied = re.findall(r"^COPY (.+) \S+$", recipe, re.MULTILINE)
    assert all((ROOT / name).exists() for names in copied for name in names.split())
    assert COMPOSED["server"]["build"]["dockerfile"] == "deploy/Containerfile"
