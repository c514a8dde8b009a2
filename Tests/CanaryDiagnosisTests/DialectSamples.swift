// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// Tools that are not at hand to provoke a real log: what their documentation and public logs show.
extension DiagnosisTests {
    static let dialects: [Sample] = compilers + configurators + testFrameworks + machines

    private static let compilers: [Sample] = [
        Sample(
            "nvcc with a number", .build, log: "src/k.cu(12): error #20: identifier \"half2\" is undefined\n",
            is: .buildCompiler, text: "src/k.cu(12): error #20: identifier \"half2\" is undefined", at: "src/k.cu", 12),
        Sample(
            "nvcc itself", .build, log: "nvcc fatal   : Unsupported gpu architecture 'compute_35'\n",
            is: .buildCompiler, text: "nvcc fatal   : Unsupported gpu architecture 'compute_35'"),
        Sample(
            "nvlink", .build, log: "nvlink error   : Undefined reference to '_Z4lerpf' in 'a.o'\n", is: .buildLinker,
            text: "nvlink error   : Undefined reference to '_Z4lerpf' in 'a.o'"),
        Sample(
            "a compiler that crashes", .build,
            log: """
                FAILED: a.o
                c++ -c a.cpp
                during RTL pass: expand
                a.cpp: In function 'f':
                a.cpp:7:3: internal compiler error: Segmentation fault
                Please submit a full bug report.
                ninja: build stopped: subcommand failed.
                """, is: .buildCompiler, text: "a.cpp:7:3: internal compiler error: Segmentation fault", at: "a.cpp", 7),
        Sample(
            "link time optimization of two compilers", .build,
            log: "lto1: fatal error: bytecode stream in file 'a.o' generated with LTO version 9.3 instead of 12.0\n",
            is: .buildCompiler,
            text: "lto1: fatal error: bytecode stream in file 'a.o' generated with LTO version 9.3 instead of 12.0"),
        Sample(
            "a linker far away", .build,
            log: """
                /opt/rh/gcc-toolset-14/root/usr/libexec/gcc/x86_64-redhat-linux/14/ld: lib/CMakeFiles/x.dir/__/c/a.cpp.o: \
                in function `f':
                a.cpp:(.text+0x1): undefined reference to `Imf_3_4::Header::channels() const'
                collect2: error: ld returned 1 exit status
                """, is: .buildLinker,
            text: "a.cpp:(.text+0x1): undefined reference to `Imf_3_4::Header::channels() const'", at: "c/a.cpp"),
    ]

    private static let configurators: [Sample] = [
        Sample(
            "an old CMake and a target", .configure,
            log: """
                CMake Error at CMakeLists.txt:9 (add_executable):
                  Target "vdb_tool" links to target "OpenEXR::IlmImf" but the target was not
                  found.  Perhaps a find_package() call is missing for an IMPORTED target, or
                  an ALIAS target is missing?


                """, is: .configureCMake,
            text: "CMake Error at CMakeLists.txt:9 (add_executable): Target \"vdb_tool\" links to target "
                + "\"OpenEXR::IlmImf\" but the target was not found.  Perhaps a find_package() call is missing for an "
                + "IMPORTED target, or an ALIAS target is missing?", at: "CMakeLists.txt", 9),
        Sample(
            "an unsuitable version", .configure,
            log: """
                CMake Error at /usr/share/cmake/Modules/FindPackageHandleStandardArgs.cmake:230 (message):
                  Could NOT find ZLIB: Found unsuitable version "1.2.11", but required is at
                  least "1.3" (found /usr/lib/libz.so)
                Call Stack (most recent call first):
                  /usr/share/cmake/Modules/FindPackageHandleStandardArgs.cmake:592 (_FPHSA_FAILURE_MESSAGE)
                  /usr/share/cmake/Modules/FindZLIB.cmake:120 (FIND_PACKAGE_HANDLE_STANDARD_ARGS)
                  /s/attempts/a1/source/src/cmake/externalpackages.cmake:12 (find_package)
                """, is: .configureMissingPackage,
            text:
                "CMake Error at /usr/share/cmake/Modules/FindPackageHandleStandardArgs.cmake:230 (message): Could NOT "
                + "find ZLIB: Found unsuitable version \"1.2.11\", but required is at least \"1.3\" (found "
                + "/usr/lib/libz.so)", at: "src/cmake/externalpackages.cmake", 12),
        Sample(
            "a step of ExternalProject", .build,
            log: """
                [3/9] Performing build step for 'pystring'
                FAILED: pystring-stamp/pystring-build
                cd /s/attempts/a1/build && cmake --build .
                /s/attempts/a1/build/ext/pystring.cpp:3:1: error: 'foo' does not name a type
                make[1]: *** [Makefile:7: pystring.o] Error 1
                CMake Error at pystring-stamp/pystring-build-Release.cmake:49 (message):
                  Stopping after outputting logs.


                ninja: build stopped: subcommand failed.
                """, is: .buildCompiler, text: "build:ext/pystring.cpp:3:1: error: 'foo' does not name a type",
            at: "build:ext/pystring.cpp", 3),
        Sample(
            "autoconf and pkg-config", .configure,
            log: "configure: error: Package requirements (Imath >= 3.2) were not met:\n\nNo package 'Imath' found\n",
            is: .configureMissingPackage, text: "configure: error: Package requirements (Imath >= 3.2) were not met:"),
        Sample(
            "Sphinx", .build, log: "Extension error:\nCould not import extension breathe\n", is: .buildOther,
            text: "Extension error: Could not import extension breathe"),
    ]

    private static let testFrameworks: [Sample] = [
        Sample(
            "Catch2", .test, log: "/s/attempts/a1/source/t/a.cpp:12: FAILED:\n  REQUIRE( a == b )\nwith expansion:\n",
            is: .testFailed, text: "t/a.cpp:12: FAILED: REQUIRE( a == b ) with expansion:", at: "t/a.cpp", 12),
        Sample(
            "doctest", .test, log: "t/a.cpp:12: ERROR: CHECK( a == b ) is NOT correct!\n", is: .testFailed,
            text: "t/a.cpp:12: ERROR: CHECK( a == b ) is NOT correct!", at: "t/a.cpp", 12),
        Sample(
            "Boost", .test, log: "t/a.cpp(12): error: in \"box/empty\": check b.isEmpty() has failed\n",
            is: .testFailed,
            text: "t/a.cpp(12): error: in \"box/empty\": check b.isEmpty() has failed", at: "t/a.cpp", 12),
        Sample(
            "OpenImageIO", .test,
            log: "src/libutil/half_test.cpp:12:\nFAILED: a == b\n\tvalues were '1' and '2'\nnext\n", is: .testFailed,
            text: "src/libutil/half_test.cpp:12: FAILED: a == b values were '1' and '2'",
            at: "src/libutil/half_test.cpp", 12),
        Sample(
            "undefined behaviour", .test, log: "src/a.cpp:5:3: runtime error: signed integer overflow\n",
            is: .testFailed,
            text: "src/a.cpp:5:3: runtime error: signed integer overflow", at: "src/a.cpp", 5),
    ]

    private static let machines: [Sample] = [
        Sample(
            "an image that may not be had", .configure, .code(125),
            log:
                "docker: Error response from daemon: pull access denied for aswf/ci-vfxall, repository does not exist\n",
            is: .environmentImage,
            text: "docker: Error response from daemon: pull access denied for aswf/ci-vfxall, repository does not exist"
        ),
        Sample(
            "an engine that cannot start", .build, .code(126),
            log: "Error: OCI runtime error: crun: setrlimit RLIMIT_NOFILE: Operation not permitted\n",
            is: .environmentEngine,
            text: "Error: OCI runtime error: crun: setrlimit RLIMIT_NOFILE: Operation not permitted"),
        Sample(
            "a package of the system", .configure, .code(100), log: "E: Unable to locate package libimath-dev\n",
            is: .fetchDownload, text: "E: Unable to locate package libimath-dev"),
        Sample(
            "an inner shell of another kind", .build, .code(127), log: "/bin/sh: ninja: command not found\n",
            is: .environmentToolMissing, text: "/bin/sh: ninja: command not found"),
        Sample(
            "a make that is not told the tool", .build, .code(2),
            log: "make: flex: No such file or directory\nmake: *** [Makefile:3: a.c] Error 127\n",
            is: .environmentToolMissing, text: "make: flex: No such file or directory"),
    ]
}
