# SPDX-License-Identifier: Apache-2.0
"""What `scripts/fuzz` begins with: the subjects, and inputs for each that are almost right."""

import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Subject:
    """A kind of text from outside."""

    what: str
    fixtures: tuple[str, ...] = ()
    """Folders of the repository whose files are inputs."""
    make: Callable[[pathlib.Path], None] = lambda folder: None
    """Writes more inputs into a folder."""

    def folders(self, made: pathlib.Path) -> list[pathlib.Path]:
        """The folders with all its inputs, one of which is `made`."""
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        self.make(made)
        return [made, *(ROOT / fixture for fixture in self.fixtures)]


def _write(folder: pathlib.Path, *contents: str | bytes) -> None:
    for number, content in enumerate(contents, len(list(folder.iterdir()))):
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{number:02}").write_bytes(data)


# --- elf and cmake ----------------------------------------------------------------------------------------------------

SOURCE = "int imath = 1; int exr(int a) { return a + imath; } int half(void) { return exr(2); }\n"
LINK = ["-nostdlib", "-fPIC", "-shared", "-Wl,-z,noseparate-code,-z,max-page-size=4096,--build-id"]


def _libraries(folder: pathlib.Path) -> None:
    """Small libraries of both word sizes, with every entry that we read."""
    source = folder / "source.c"
    source.write_text(SOURCE)
    library = folder / "libImath.so.29"
    subprocess.run(["cc", *LINK, "-Wl,-soname,libImath.so.29", "-o", library, source], check=True)
    paths = ["-Wl,-rpath,/canary/imath/lib:$ORIGIN/../lib"]
    for tags in ("--enable-new-dtags", "--disable-new-dtags"):
        output = folder / f"libOpenEXR{tags}.so"
        subprocess.run(["cc", *LINK, *paths, f"-Wl,{tags}", "-o", output, source, library], check=True)
    source.unlink()
    if platform.machine() != "x86_64":
        return
    # No compiler for 32 bits is needed for this one.
    assembly = ".globl exr\n.type exr, @function\nexr: ret\n.size exr, .-exr\n"
    subprocess.run(["as", "--32", "-o", folder / "narrow.o"], input=assembly, text=True, check=True)
    linker = ["ld", "-m", "elf_i386", "-shared", "-soname", "libopenvdb.so.10"]
    subprocess.run([*linker, "-o", folder / "libopenvdb.so", folder / "narrow.o"], check=True)


CACHE = """\
# This is the CMakeCache file.
//Value Computed by CMake
CMAKE_PROJECT_NAME:STATIC=OpenEXR
Imath_DIR:PATH=/canary/imath/lib/cmake/Imath
OpenVDB_DIR:PATH=OpenVDB_DIR-NOTFOUND
IMATH_INCLUDE_DIR:PATH=/usr/include;-I/canary/imath/include
"A:B":INTERNAL=' x '
FETCHCONTENT_SOURCE_DIR_IMATH:PATH=/canary/.build/_deps/imath-src
Imath_SOURCE_DIR:STATIC=/canary/.build/_deps/imath-src
"""
CONFIG = """\
set(PACKAGE_VERSION "3.1.6")
add_library(OpenEXR::OpenEXR SHARED IMPORTED) # a comment
add_library ( OpenEXR::Config
  INTERFACE IMPORTED )
add_executable(OpenEXR::info IMPORTED)
set_target_properties(OpenEXR::OpenEXR PROPERTIES INTERFACE_LINK_LIBRARIES "Imath::Imath")
"""
HEADER = """\
#ifndef INCLUDED_IMF_HEADER_H
#define INCLUDED_IMF_HEADER_H
/* a comment */ # define OPENEXR_VERSION "3.1.6" // another
#if !defined(A) || defined B
#  define MIN(a, b) \\
    ((a) < (b) ? (a) : (b))
#elif 1
#define PREFIX "/canary/openexr/share" 'c' R"(raw)"
#else
#undef MIN
#endif
#endif
"""


RULE = """\
CMakeFiles/a.dir/a.cpp.o: ../.source/a.cpp \\
 /canary/imath/include/Imath/half.h /usr/include/Imath/half.h /a\\ b/half.h /c$$d/Imath/half.h

/usr/include/Imath/half.h:
"""
NINJA = """\
rule CXX_SHARED_LIBRARY_LINKER__a
  command = ld $LINK_LIBRARIES
build lib/a$ b.so: CXX_SHARED_LIBRARY_LINKER__a a.o | /canary/imath/lib/libImath-3_1.so.29 $
    libImath.a
  LINK_PATH = -L/usr/lib -Lown
  LINK_LIBRARIES = -lImath "/a b/libImath.a" -Wl,--whole-archive,libImath.a $$x -l:libImath-3_1.so.29
build a.o: CXX_COMPILER__a a.cpp
  INCLUDES = -I/usr/include -isystem /canary/imath/include
"""
LINKED = "/usr/bin/c++ -shared -o 'a b.so' a.o -L /usr/lib -l Imath ../libImath.a /canary/imath/bin/x\n"
RECORD = b"# ninjadeps\n\4\0\0\0" + b"\40\0\0\0/canary/imath/include/half.h" + b"\xff" * 4 + b"\14\0\0\x80" + b"\0" * 12


def _cmake(folder: pathlib.Path) -> None:
    _write(folder, CACHE, CONFIG, HEADER, RULE, NINJA, LINKED, RECORD)


# --- junit ------------------------------------------------------------------------------------------------------------

JUNIT = (
    """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="(empty)" tests="3" failures="1" disabled="1" skipped="0" hostname="" time="1">
	<testcase name="a &lt;b&gt;" classname="a &lt;b&gt;" time="0.00175437" status="fail">
		<failure message=""/>
		<system-out>\x1b[31m &amp; ]]&gt;</system-out>
	</testcase>
	<testcase name="gone" classname="gone" time="0" status="notrun"><skipped message="no"/></testcase>
	<testcase name="off" classname="off" time="0" status="disabled"/>
</testsuite>
""",
    """\
<!-- a comment --><testsuites><testsuite name='Suite'><properties><property name="a" value="&#x41;"/></properties>
<testcase classname="Suite" name="One" time="1,234.5"><error><![CDATA[ <no> ]]></error></testcase>
</testsuite></testsuites>
""",
)


def _junit(folder: pathlib.Path) -> None:
    _write(folder, *JUNIT)


# --- git and http -----------------------------------------------------------------------------------------------------

NAMES = """\
refs/heads/main
v3.1.6
../imath.git
./a/../../b
https://name:word@example.org/a.git
ext::sh -c id
src/**/[a-z]*.h
fatal: unable to access 'https://a:b@example.org/': Could not resolve host
"""

SUBMODULES = "submodule.a.path\nlib/a\0submodule.a.url\n../a.git\0submodule.a.update\nnone\0"


def _git(folder: pathlib.Path) -> None:
    """What git prints about this very repository, as the program asks it."""
    form = "--format=%x00%H%x00%P%x00%ct%x00%an%x00%s"
    for command in (
        ["rev-list", "-n", "8", "--first-parent", "--reverse", form, "HEAD"],
        ["log", "-n", "3", "-r", "-z", "--raw", "--no-renames", "--format=%H"],
        ["ls-tree", "-r", "-z", "HEAD", "scripts"],
        ["ls-remote", "."],
    ):
        _write(folder, subprocess.run(["git", *command], cwd=ROOT, capture_output=True, check=True).stdout)
    _write(folder, NAMES, SUBMODULES)
    with tempfile.TemporaryDirectory() as temporary:
        index = pathlib.Path(temporary) / "index"
        environment = os.environ | {"GIT_INDEX_FILE": str(index)}
        command = ["git", "-c", "index.version=2", "read-tree", "HEAD:docs"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        _write(folder, index.read_bytes())


def _http(folder: pathlib.Path) -> None:
    fields = 'Bearer not a secret\ngzip;q=0.5, *;q=0\nW/"abc", *\nlocalhost:8080\n[::1]:80'
    bodies = (
        '{"kind": "run", "projects": ["openexr"], "variants": ["vfx2026"], "lanes": ["head"], "below": true}',
        '{"kind": "run", "until": "build", "sources": {"imath": "/a"}, "revisions": {"imath": "v1"}, "trigger": "x"}',
        '{"kind": "try", "changes": {"imath": "refs/pull/1/head"}}',
        '{"kind": "bisect", "downstream": "openexr", "upstream": "imath", "good": "v1", "bad": null}',
        '{"kind": "cancel", "id": "q1"}',
    )
    addresses = (
        "/attempts/a1/log?follow=1", "/badge/imath@vfx2026/head.json", "/jobs/openexr%40vfx2026/head.html",
        "/lkg/vfx2026.json", "/requests/q%31.json",
    )  # fmt: skip
    _write(folder, *(f"{address}\n{fields}\n\n{body}" for address, body in zip(addresses, bodies, strict=True)))


SUBJECTS = {
    "elf": Subject("libraries that a build installed", make=_libraries),
    "cmake": Subject("CMake's cache and files, records of compilers and linkers", ("manifests/smoke",), _cmake),
    "log": Subject("logs, and what they do to a terminal", ("Tests/CanaryDiagnosisTests/Corpus",)),
    "junit": Subject("the tests that a build reports", make=_junit),
    "manifest": Subject("manifests", ("manifests", "Tests/CanaryManifestTests/Fixtures")),
    "http": Subject("addresses, fields and bodies of requests", make=_http),
    "git": Subject("what git prints, names and addresses in repositories", make=_git),
}
