"""The three command lines: what they say, and what runs in them sees. As root, as an ordinary user, and nested."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from output_checker import sandbox, seccomp
from output_checker.limits import Limits
from output_checker.model.errors import BadInput
from output_checker.sandbox import KernelPaths, Mount, WorkspacePaths

NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an ordinary user may use too, with an environment whose Python that user can read."""
    folder = Path(tempfile.mkdtemp(prefix="halftide-test-"))
    for name in ("workspace", "server", "data", "run", "env/bin"):
        (folder / name).mkdir(parents=True)
    (folder / "data" / "people.csv").write_text("id\n1\n")
    (folder / "env" / "bin" / "python3").symlink_to("/usr/bin/python3")
    seccomp.write_filter(folder / "run" / "filter.bpf")
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=["as-started", "ordinary-user"])
def run(request: pytest.FixtureRequest, place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Runs a command line as the user of the tests, and again as one that is not root."""
    ordinary = request.param == "ordinary-user"
    if ordinary:
        if os.getuid() != 0:
            pytest.skip("the tests run as an ordinary user already")
        for path in (place, *place.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        monkeypatch.setattr(sys, "prefix", str(place / "env"))
        monkeypatch.setattr(os, "getuid", lambda: NOBODY)

    def start(line: Sequence[str]) -> str:
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if ordinary else {}
        done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False, cwd="/", **user)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return start


def inner(place: Path, command: Sequence[str], **changes: object) -> list[str]:
    paths = KernelPaths(place / "workspace", (Mount(place / "data", Path("/data/people")),), place / "env")
    values = {"limits": Limits(), "environment": {}, "seccomp": place / "run" / "filter.bpf", **changes}
    return sandbox.kernel(paths, command, **values)


def outer(place: Path, command: Sequence[str]) -> list[str]:
    paths = WorkspacePaths(place / "workspace", place / "server", place / "env")
    return sandbox.workspace_server(paths, [Mount(place / "data", Path("/data/people"))], command)


def test_a_kernel_sees_its_files_and_data_and_nothing_else(run, place: Path) -> None:
    look = "ls / /data/people; id -u; echo x > /workspace/made; ls /run /srv /etc/shadow 2>&1 | grep -c 'No such'"
    seen = run(inner(place, ["sh", "-c", look]))
    assert "people.csv" in seen
    assert seen.splitlines()[-2:] == ["1000", "3"]
    assert (place / "workspace" / "made").exists()


def test_data_are_read_only_and_so_is_the_root(run, place: Path) -> None:
    tried = "for f in /data/people/people.csv /data/x /x /usr/x /etc/x /proc/sys/kernel/core_pattern; do"
    seen = run(inner(place, ["sh", "-c", f"{tried} (echo x >> $f) 2>/dev/null && echo wrote $f; done; echo end"]))
    assert seen == "end"


@pytest.mark.attack
def test_a_hub_that_runs_as_root_does_not_lend_its_kernel_settings(place: Path) -> None:
    """Bubblewrap alone leaves /proc/sys to the host's root, whatever namespaces it makes."""
    if os.getuid() != 0:
        pytest.skip("only root owns these files")
    opened = "import os; os.close(os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)); print('opened')"
    bare = ["bwrap", "--unshare-all", "--uid", "1000", "--ro-bind", "/", "/", "--proc", "/proc", "--cap-drop", "ALL"]
    control = subprocess.run([*bare, "--", "python3", "-c", opened], capture_output=True, text=True, check=False)
    assert control.stdout == "opened\n"
    sealed = subprocess.run(inner(place, ["python3", "-c", opened]), capture_output=True, text=True, check=False)
    assert "Read-only file system" in sealed.stderr


def test_a_kernel_has_no_network_but_its_own_loopback(run, place: Path) -> None:
    assert run(inner(place, ["sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1"])) == "lo"


def test_only_the_given_environment_gets_in(run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    names = run(inner(place, ["sh", "-c", "env; tr '\\0' '\\n' < /proc/1/environ"], environment={"GIVEN": "1"}))
    assert "secret" not in names
    assert "GIVEN=1" in names.splitlines()


def test_the_trusted_server_starts_sealed_kernels_of_its_own(run, place: Path) -> None:
    paths = KernelPaths(Path("/workspace"), (Mount(Path("/data"), Path("/data")),), place / "env")
    nested = sandbox.kernel(paths, ["sh", "-c", "ls /proc | grep -c '^[0-9]'; ls /data/people; ls /srv 2>&1; true"],
                            limits=Limits(), environment={}, seccomp=None)  # fmt: skip
    assert run(outer(place, ["sh", "-c", 'test -w /srv/halftide && exec "$@"', "sh", *nested])).splitlines()[1:] == [
        "people.csv",
        "ls: cannot access '/srv': No such file or directory",
    ]


def test_the_trusted_server_has_no_capability_and_its_own_processes(run, place: Path) -> None:
    seen = run(
        outer(place, ["sh", "-c", "grep CapEff /proc/self/status; test -d /proc/1 && ls /proc | grep -c '^[0-9]'"])
    )
    capabilities, processes = seen.splitlines()
    assert int(capabilities.split()[1], 16) == 0
    assert int(processes) <= 6


def test_the_server_does_not_import_from_where_the_researcher_writes(run, place: Path) -> None:
    (place / "workspace" / "json.py").write_text("print('planted')")
    program = "import os, sys, json; print(os.getcwd(), sys.flags.safe_path)"
    seen = run(outer(place, ["/usr/bin/python3", "-c", program]))
    assert seen == "/srv/halftide True"


def test_the_reader_cage_holds_no_file(run) -> None:
    command = ["sh", "-c", "ls /; (echo x > /file) 2>/dev/null || echo kept; ls /workspace /data 2>&1; true"]
    seen = run(sandbox.reader_cage(command))
    assert "kept" in seen.splitlines()
    assert seen.count("No such file") == 2
    assert "proc" not in seen.splitlines()


def test_a_limit_is_met_as_an_error_and_not_by_death(run, place: Path) -> None:
    greedy = "try:\n    bytearray(300 << 20)\nexcept MemoryError:\n    print('MemoryError')"
    line = inner(place, ["/usr/bin/python3", "-c", greedy], limits=Limits(memory=200 << 20))
    assert run(line) == "MemoryError"
    control = inner(place, ["/usr/bin/python3", "-c", greedy + "\nprint('end')"], limits=Limits(memory=800 << 20))
    assert run(control) == "end"


def test_private_file_systems_end_at_their_size(run, place: Path) -> None:
    fill = "for d in /tmp /dev/shm; do head -c 3000000 /dev/zero > $d/x 2>/dev/null || echo full; done"
    assert run(inner(place, ["sh", "-c", fill], limits=Limits(tmp=1 << 20, shared_memory=1 << 20))) == "full\nfull"
    assert run(inner(place, ["sh", "-c", fill])) == ""


@pytest.mark.parametrize(
    "mount",
    [
        Mount(Path("/srv/x"), Path("/data/x"), writable=True),
        Mount(Path("/srv/x"), Path("/etc")),
        Mount(Path("/srv/x"), Path("/database")),
    ],
)
def test_data_mounts_that_are_more_than_data_are_refused(place: Path, mount: Mount) -> None:
    with pytest.raises(BadInput):
        sandbox.workspace_server(WorkspacePaths(place, place, place / "env"), [mount], ["true"])


@pytest.mark.parametrize(("source", "target"), [("data", "/data/x"), ("/a/../b", "/data/x"), ("/a", "/data/../etc")])
def test_mounts_want_plain_absolute_paths(source: str, target: str) -> None:
    with pytest.raises(BadInput):
        Mount(Path(source), Path(target))


def test_no_command_line_shows_the_checkout(place: Path) -> None:
    checkout = str(Path(sandbox.__file__).parents[1])
    for line in (outer(place, ["true"]), sandbox.reader_cage(["true"])):
        assert checkout not in line
        assert f"{checkout}/output_checker" in line
