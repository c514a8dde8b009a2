// SPDX-License-Identifier: Apache-2.0

import CanaryModel

extension DiagnosisTests {
    static let samples: [Sample] = compiling + configuring + linkingAndTesting + environment

    private static let compiling: [Sample] = [
        Sample(
            "gcc", .build,
            log: """
                [1/2] Building CXX object a.o
                FAILED: a.o
                /usr/bin/c++ -o a.o -c /s/attempts/a1/source/src/a.cpp
                In file included from /s/attempts/a1/source/src/a.cpp:3:
                /s/attempts/a1/source/src/a.cpp:12:5: error: 'half' was not declared in this scope
                ninja: build stopped: subcommand failed.
                """, is: .buildCompiler, text: "src/a.cpp:12:5: error: 'half' was not declared in this scope",
            at: "src/a.cpp", 12),
        Sample(
            "gcc in colour", .build,
            log: "\u{1B}[01m\u{1B}[Ka.cpp:4:1:\u{1B}[m\u{1B}[K \u{1B}[01;31m\u{1B}[Kerror: \u{1B}[m\u{1B}[Kbad\n",
            is: .buildCompiler, text: "a.cpp:4:1: error: bad", at: "a.cpp", 4),
        Sample(
            "an upstream's header", .build,
            log: "/s/prefixes/imath/k2/include/Imath/half.h:7:1: error: unknown type name 'foo'\n",
            is: .buildCompiler, text: "imath:include/Imath/half.h:7:1: error: unknown type name 'foo'",
            at: "imath:include/Imath/half.h", 7),
        Sample(
            "a missing header", .build,
            log: "../source/src/b.c:1:10: fatal error: Imath/half.h: No such file or directory\ncompilation over.\n",
            is: .buildCompiler, text: "src/b.c:1:10: fatal error: Imath/half.h: No such file or directory",
            at: "src/b.c", 1),
        Sample(
            "a warning taken for an error", .build,
            log: "/s/attempts/a1/build/gen.h:3:1: error: unused variable 'x' [-Werror=unused-variable]\n",
            is: .buildCompiler, text: "build:gen.h:3:1: error: unused variable 'x' [-Werror=unused-variable]",
            at: "build:gen.h", 3),
        Sample(
            "the compiler itself", .build, log: "a.cpp:9:2: internal compiler error: Segmentation fault\n",
            is: .buildCompiler, text: "a.cpp:9:2: internal compiler error: Segmentation fault", at: "a.cpp", 9),
        Sample(
            "the compiler's driver", .build, log: "c++: error: unrecognized command-line option '-mfoo'\n",
            is: .buildCompiler, text: "c++: error: unrecognized command-line option '-mfoo'"),
        Sample(
            "nvcc", .build, log: "k.cu(12): error: identifier \"x\" is undefined\n", is: .buildCompiler,
            text: "k.cu(12): error: identifier \"x\" is undefined", at: "k.cu", 12),
        Sample(
            "the first of many", .build, log: "a.c:1:1: error: one\nb.c:2:2: error: two\nmake: *** [all] Error 1\n",
            is: .buildCompiler, text: "a.c:1:1: error: one", at: "a.c", 1),
    ]

    private static let configuring: [Sample] = [
        Sample(
            "CMake", .configure,
            log: """
                -- Configuring
                CMake Error at /s/attempts/a1/source/CMakeLists.txt:12 (message):
                  The option FOO
                  is gone.

                  Use BAR.


                -- Configuring incomplete, errors occurred!
                """, is: .configureCMake, text: "CMake Error at CMakeLists.txt:12 (message): The option FOO is gone.",
            at: "CMakeLists.txt", 12),
        Sample(
            "CMake without a place", .configure, log: "CMake Error: The source directory \"/x\" does not exist.\n",
            is: .configureCMake, text: "CMake Error: The source directory \"/x\" does not exist."),
        Sample(
            "a package without its configuration", .configure,
            log: """
                CMake Error at CMakeLists.txt:3 (find_package):
                  By not providing "FindImath.cmake" in CMAKE_MODULE_PATH this project has
                  asked CMake to find a package configuration file provided by "Imath", but
                  CMake did not find one.

                  Could not find a package configuration file provided by "Imath" with any of
                  the following names:
                """, is: .configureMissingPackage,
            text: "CMake Error at CMakeLists.txt:3 (find_package): By not providing \"FindImath.cmake\" in "
                + "CMAKE_MODULE_PATH this project has asked CMake to find a package configuration file provided by "
                + "\"Imath\", but CMake did not find one.", at: "CMakeLists.txt", 3),
        Sample(
            "a package that a module did not find", .configure,
            log: """
                -- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)
                CMake Error at /usr/share/cmake/FindPackageHandleStandardArgs.cmake:230 (message):
                  Could NOT find TIFF (missing: TIFF_LIBRARY)
                Call Stack (most recent call first):
                """, is: .configureMissingPackage,
            text: "CMake Error at /usr/share/cmake/FindPackageHandleStandardArgs.cmake:230 (message): Could NOT find "
                + "TIFF (missing: TIFF_LIBRARY)", at: "/usr/share/cmake/FindPackageHandleStandardArgs.cmake", 230),
        Sample(
            "a version that does not fit", .configure,
            log: "CMake Error at CMakeLists.txt:3 (find_package):\n  Could not find a configuration file for package"
                + " \"Imath\" that is compatible\n  with requested version \"4\".\n", is: .configureMissingPackage,
            text: "CMake Error at CMakeLists.txt:3 (find_package): Could not find a configuration file for package "
                + "\"Imath\" that is compatible with requested version \"4\".", at: "CMakeLists.txt", 3),
        Sample(
            "no build program", .configure,
            log: "CMake Error: CMake was unable to find a build program corresponding to \"Ninja\".\n",
            is: .environmentToolMissing,
            text: "CMake Error: CMake was unable to find a build program corresponding to \"Ninja\"."),
        Sample(
            "an install that lacks a file", .install,
            log: "CMake Error at cmake_install.cmake:41 (file):\n  file INSTALL cannot find \"/x/a.h\".\n",
            is: .installOther,
            text: "CMake Error at cmake_install.cmake:41 (file): file INSTALL cannot find \"/x/a.h\".",
            at: "cmake_install.cmake", 41),
        Sample(
            "something else", .configure, log: "checking\nthis will not do\n\n", is: .configureOther,
            text: "this will not do"),
    ]

    private static let linkingAndTesting: [Sample] = [
        Sample(
            "GNU ld", .build,
            log: """
                /usr/bin/ld: a.o: in function `main':
                a.cpp:(.text+0x9): undefined reference to `Imath::f()'
                collect2: error: ld returned 1 exit status
                """, is: .buildLinker, text: "a.cpp:(.text+0x9): undefined reference to `Imath::f()'"),
        Sample(
            "GNU ld with a line", .build,
            log: "/usr/bin/ld: /s/attempts/a1/source/a.cpp:7: undefined reference to `f'\n",
            is: .buildLinker, text: "/usr/bin/ld: a.cpp:7: undefined reference to `f'", at: "a.cpp", 7),
        Sample(
            "a missing library", .build, log: "/usr/bin/ld: cannot find -lImath: No such file or directory\n",
            is: .buildLinker, text: "/usr/bin/ld: cannot find -lImath: No such file or directory"),
        Sample(
            "lld", .build, log: "ld.lld: error: undefined symbol: f\nclang: error: linker command failed\n",
            is: .buildLinker, text: "ld.lld: error: undefined symbol: f"),
        Sample(
            "a linker that says nothing", .build, log: "clang: error: linker command failed with exit code 1\n",
            is: .buildLinker, text: "clang: error: linker command failed with exit code 1"),
        Sample(
            "ninja", .build, log: "ninja: error: 'x.h', needed by 'a.o', missing and no known rule to make it\n",
            is: .buildOther, text: "ninja: error: 'x.h', needed by 'a.o', missing and no known rule to make it"),
        Sample(
            "ctest", .test,
            log: """
                1/2 Test #1: good .....   Passed    0.01 sec
                2/2 Test #2: half .....***Failed    0.02 sec
                a.cpp:1:1: error: printed by the test
                The following tests FAILED:
                """, is: .testFailed,
            text: "2/2 Test #2: half .....***Failed    0.02 sec a.cpp:1:1: error: printed by the test", at: "a.cpp", 1),
        Sample(
            "the list of ctest", .test, log: "The following tests FAILED:\n\t  3 - half (Failed)\nErrors while\n",
            is: .testFailed, text: "3 - half (Failed)"),
        Sample(
            "GoogleTest", .test, log: "[ RUN      ] Half.Sum\n[  FAILED  ] Half.Sum (0 ms)\n", is: .testFailed,
            text: "[  FAILED  ] Half.Sum (0 ms)"),
        Sample("a test of its own", .test, log: "assertion x failed\n", is: .testFailed, text: "assertion x failed"),
    ]

    private static let environment: [Sample] = [
        Sample(
            "a full disk", .build,
            log: "a.cpp:1:1: error: bad\nfatal error: error writing to /tmp/x.s: No space left on device\n",
            is: .environmentDiskFull, text: "fatal error: error writing to /tmp/x.s: No space left on device"),
        Sample(
            "a missing tool", .build, .code(127), log: "/bin/sh: 1: ninja: not found\n", is: .environmentToolMissing,
            text: "/bin/sh: 1: ninja: not found"),
        Sample(
            "killed by a signal", .build, .signal(9), log: "[3/9] Building\n", is: .environmentKilled,
            text: "[3/9] Building"),
        Sample("killed below the shell", .build, .code(137), log: "Killed\n", is: .environmentKilled, text: "Killed"),
        Sample(
            "a killed compiler", .build, log: "c++: fatal error: Killed signal terminated program cc1plus\n",
            is: .environmentKilled, text: "c++: fatal error: Killed signal terminated program cc1plus"),
        Sample(
            "a missing library is no missing tool", .test, .code(127),
            log: "./t: error while loading shared libraries: libI.so: cannot open shared object file: No such file or "
                + "directory\n", is: .testFailed,
            text: "./t: error while loading shared libraries: libI.so: cannot open shared object file: No such file or "
                + "directory"),
        Sample(
            "a missing symbol", .build, .code(127), log: "gen: symbol lookup error: libI.so: undefined symbol: f\n",
            is: .buildOther, text: "gen: symbol lookup error: libI.so: undefined symbol: f"),
        Sample("a crash", .test, .signal(11), log: "working\n", is: .testFailed, text: "working"),
    ]
}
