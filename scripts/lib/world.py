# SPDX-License-Identifier: Apache-2.0
"""The small world that scripts and benchmarks run canary in: git repositories, a stack of manifests, the program.

world = pathlib.Path(tempfile.mkdtemp())
base = Repository(world / "base.git")
base.commit({"api.h": "int x;\\n"}, "Add x")
stack = Stack(world / "manifests", "example")
stack.project("base", base.path, stages={"build": "true"})
run = Canary(program(), stack, world / "state").json("run")
"""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Self, TypeAlias

from lib import sentences
from lib.checks import CheckError, require, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Keeps the settings of the user and of the machine away from git, and colours away from canary.
ISOLATION = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "LC_ALL": "C", "CI": "1"}
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", **ISOLATION}
# When the first commit of a repository is made: 1 January 2026; each further one is made a minute later.
FIRST_COMMIT = 1767225600

Path: TypeAlias = str | os.PathLike[str]


def program(configuration: str = "debug") -> pathlib.Path:
    """The program under test: CANARY, else the one that was built; a release build is made when it is asked for."""
    if named := os.environ.get("CANARY"):
        return pathlib.Path(named).resolve()
    build = ["swift", "build", "--package-path", str(ROOT), "-c", configuration, "--product", "canary"]
    if configuration == "release":
        subprocess.run(build, check=True, stdout=2)
    shown = subprocess.run([*build, "--show-bin-path"], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(shown.stdout.strip()) / "canary"


def preload_library(name: str, folder: pathlib.Path) -> pathlib.Path:
    """The shared library for LD_PRELOAD that is made, in that folder, from `scripts/NAME.c`."""
    library = folder / f"{name}.so"
    source = ROOT / "scripts" / f"{name}.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    return library


def output_of(
    command: Sequence[Path], text: str | None = None, environment: Mapping[str, str] = ENVIRONMENT, expected: int = 0
) -> str:
    """What a command prints; throws `CheckError` when it ends with another status than expected."""
    words = [os.fspath(word) for word in command]
    ended = subprocess.run(words, env=environment, input=text, capture_output=True, text=True, check=False)
    require(
        ended.returncode == expected,
        f"`{' '.join(words)[:300]}` ended with {ended.returncode}, expected {expected}\n"
        f"{ended.stdout[-1000:]}{ended.stderr[-2000:]}",
    )
    return ended.stdout


def git(*words: Path, text: str | None = None) -> str:
    """What git prints, without the settings of the user."""
    return output_of(["git", *words], text)


@dataclasses.dataclass(frozen=True)
class Commit:
    """What one commit changes: the new text of files by path, and the paths that it deletes."""

    files: Mapping[str, str] = dataclasses.field(default_factory=dict)
    message: str = "change"
    deleted: Sequence[str] = ()


class Repository:
    """A bare git repository, made when it does not exist; commits go to `main`, without a work tree."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.count = 0
        if path.exists():
            self.count = len(self.revisions())
        else:
            git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", path)

    def git(self, *words: Path, text: str | None = None) -> str:
        return git("--git-dir", self.path, *words, text=text)

    def commit(self, files: Mapping[str, str] | None = None, message: str = "change") -> None:
        """Makes one commit."""
        self.add([Commit(files or {}, message)])

    def add(self, commits: Iterable[Commit]) -> None:
        """Makes many commits at once."""
        stream = []
        for commit in commits:
            stream.append("commit refs/heads/main")
            stream.append(f"committer A <a@canary.invalid> {FIRST_COMMIT + 60 * self.count} +0000")
            stream.append(data(commit.message))
            if self.count and len(stream) == 3:
                stream.append("from refs/heads/main^0")
            stream += [f"D {path}" for path in commit.deleted]
            stream += [f"M 100644 inline {path}\n{data(text)}" for path, text in commit.files.items()]
            self.count += 1
        self.git("fast-import", "--quiet", text="\n".join([*stream, ""]))

    def revisions(self) -> list[str]:
        """The commits of `main`, oldest first."""
        return self.git("rev-list", "--reverse", "main").split()

    def move_main(self, revision: str) -> None:
        """Lets `main` be at that commit."""
        self.git("update-ref", "refs/heads/main", revision)


def data(text: str) -> str:
    """A text as `git fast-import` reads it."""
    return f"data {len(text.encode())}\n{text}"


class Stack:
    """A folder of manifests: `stack.yaml` and a file for each project, written as JSON, which is YAML too."""

    def __init__(self, folder: pathlib.Path, name: str, **settings: object) -> None:
        self.folder = folder
        (folder / "projects").mkdir(parents=True)
        usual = {"stack": name, "runtime": "process", "variants": {"local": {}}, "lanes": ["head"]}
        self.write("stack.yaml", {**usual, **settings})

    def project(
        self,
        name: str,
        repository: Path,
        upstreams: Sequence[str] = (),
        stages: Mapping[str, str] | None = None,
        **settings: object,
    ) -> None:
        """Writes the manifest of a project; `stages` are scripts by stage, none stands for the stages of CMake."""
        manifest: dict[str, object] = {
            "project": name,
            "repository": os.fspath(repository),
            "upstreams": list(upstreams),
            **settings,
        }
        if stages is not None:
            manifest["stages"] = [{"stage": stage, "run": script} for stage, script in stages.items()]
        self.write(f"projects/{name}.yaml", manifest)

    def write(self, name: str, content: object) -> None:
        (self.folder / name).write_text(json.dumps(content, indent=1) + "\n")


@dataclasses.dataclass(frozen=True)
class Result:
    """How a process ended, and what it wrote."""

    status: int
    output: str
    errors: str

    def document(self) -> Any:
        return json.loads(self.output)


class Process:
    """A process in a session of its own. It writes to files: it never waits for a reader."""

    def __init__(self, command: Sequence[Path], environment: Mapping[str, str]) -> None:
        self.command = [os.fspath(word) for word in command]
        with contextlib.ExitStack() as files:
            self.out: IO[bytes] = files.enter_context(tempfile.TemporaryFile())
            self.err: IO[bytes] = files.enter_context(tempfile.TemporaryFile())
            self.child = subprocess.Popen(
                self.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self.out,
                stderr=self.err,
                start_new_session=True,
            )
            files.pop_all()

    @property
    def pid(self) -> int:
        return self.child.pid

    def is_running(self) -> bool:
        return self.child.poll() is None

    def errors(self) -> str:
        """What it wrote to standard error so far."""
        return content(self.err)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Sends a signal to it alone, not to what it started."""
        self.child.send_signal(number)

    def end(self) -> None:
        """Kills it and what it started, if it still runs."""
        if self.is_running():
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def wait(self, seconds: float = 120) -> Result:
        """Waits for its end; kills it and throws `CheckError` when that does not come in time."""
        try:
            status = self.child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.end()
            words = " ".join(self.command)
            raise CheckError(f"`{words}` still ran after {seconds} s:\n{self.errors()[-2000:]}") from None
        return Result(status, content(self.out), self.errors())


def content(file: IO[bytes]) -> str:
    """All of a file that a child writes, read without moving the position that both share."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace")


class Canary:
    """The program, with the stack and the state folder that it runs on."""

    def __init__(
        self, path: Path, stack: Stack, state: pathlib.Path, environment: Mapping[str, str] = ENVIRONMENT
    ) -> None:
        self.path, self.stack, self.state, self.environment = path, stack, state, environment

    def command(self, *words: Path, after: Sequence[str] = ()) -> list[str]:
        """The command line of a verb; `after` are words that come last."""
        paths = ("--stack", self.stack.folder, "--state", self.state)
        line: list[Path] = [self.path, *words, *paths, *after]
        return [os.fspath(word) for word in line]

    def start(
        self,
        *words: Path,
        after: Sequence[str] = (),
        wrapper: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> Process:
        """Starts a verb, below the command `wrapper`, with further variables of the environment."""
        return Process([*wrapper, *self.command(*words, after=after)], {**self.environment, **(variables or {})})

    def run(self, *words: Path, expected: Sequence[int] = (0,), variables: Mapping[str, str] | None = None) -> Result:
        """Runs a verb to its end; throws `CheckError` when it ends with another status than expected."""
        result = self.start(*words, variables=variables).wait(600)
        require(
            result.status in expected,
            f"`{' '.join(map(str, words))}` ended with {result.status}, expected {' or '.join(map(str, expected))}:\n"
            f"{result.output[-1000:]}{result.errors[-2000:]}",
        )
        return result

    def json(self, *words: Path, expected: Sequence[int] = (0,), variables: Mapping[str, str] | None = None) -> Any:
        """The document that a verb prints."""
        return self.run(*words, "--json", expected=expected, variables=variables).document()

    @property
    def history(self) -> pathlib.Path:
        return self.state / "canary.sqlite"

    def database(self) -> contextlib.closing[sqlite3.Connection]:
        """The history, for reading."""
        return database(self.history)


def database(path: pathlib.Path) -> contextlib.closing[sqlite3.Connection]:
    """A database for reading, to be used with `with`."""
    return contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))


def require_whole(connection: sqlite3.Connection) -> None:
    """Checks that a database is neither torn nor has a reference to a row that does not exist."""
    require(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "the database is torn")
    require(not connection.execute("PRAGMA foreign_key_check").fetchall(), "the database has loose references")


class Service:
    """`canary serve`, at a port of its own choice; at the end of a `with` it does not run any more."""

    TOKEN = "token"

    def __init__(self, canary: Canary) -> None:
        self.process = canary.start("serve", "--port", "0", variables={"CANARY_API_TOKEN": self.TOKEN})
        self.port = wait_until(self.announced_port, lambda: f"serve does not start:\n{self.process.errors()[-2000:]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.end()

    def announced_port(self) -> int | None:
        found = sentences.LISTENS.search(self.process.errors())
        require(found or self.process.is_running(), f"serve ended:\n{self.process.errors()[-2000:]}")
        return int(found[1]) if found else None

    def request(self, method: str, path: str, body: str | None = None) -> tuple[int, Any]:
        """The status and the document of a response."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body=body, headers={"Authorization": f"Bearer {self.TOKEN}"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def stop(self) -> Result:
        """Asks it to end, and waits for that."""
        self.process.kill(signal.SIGTERM)
        return self.process.wait(10)
