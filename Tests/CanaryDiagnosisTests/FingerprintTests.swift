// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Testing

@testable import CanaryDiagnosis

@Suite("Fingerprint")
struct FingerprintTests {
    private func print(_ text: String, _ stage: Stage = .build, _ reason: ReasonCode = .buildCompiler) -> String? {
        Fingerprint.of(stage, reason, FirstError(text: text), cause: nil)
    }

    @Test(arguments: [
        ("a.cpp:1:2: error: 'X' does not name a type; did you mean 'Y'?", "b/c.cpp:9: error: unknown type name ‘X’"),
        (
            "a.cpp:1:2: fatal error: Imath/half.h: No such file or directory",
            "x.h:3:1: fatal error: 'Imath/half.h' file not found"
        ),
        (
            "a.cpp:(.text+0x9): undefined reference to `Imath_3_1::f(int)'",
            "ld.lld: error: undefined symbol: Imath_3_2::f(int)"
        ),
        ("/usr/bin/ld: cannot find -lfoo: No such file or directory", "ld.lld: error: unable to find library -lfoo"),
        ("a.h:1:1: error: bad T<int, U<float>> here", "a.h:7:9: error: bad T<double> here"),
        ("a.h:1:1: error: no room at 0x7ffe12 for 12", "a.h:2:1: error: no room at 0xdead for 7"),
        ("a.h:1: error: unused [-Werror=unused]", "a.h:1: error: unused [-Werror,-Wunused]"),
        ("/p/1/a.h:1: error: bad /x/y/z.so.3.1.2", "/q/a.h:3: error: bad /w/z.so.3.2.0"),
    ])
    func `compilers, folders, lines and numbers may differ`(_ one: String, _ other: String) {
        #expect(print(one) == print(other))
    }

    @Test(arguments: [
        ("a.cpp:1: error: 'X' does not name a type", "a.cpp:1: error: 'Z' does not name a type"),
        ("a.cpp:1: error: 'V2f' does not name a type", "a.cpp:1: error: 'V3f' does not name a type"),
        ("a.cpp:1: error: expected ';' before '}' token", "b.cpp:1: error: expected ';' before '}' token"),
        ("a.cpp:1: undefined reference to `f(int)'", "a.cpp:1: multiple definition of `f(int)'"),
    ])
    func `names and complaints may not`(_ one: String, _ other: String) {
        #expect(print(one) != print(other))
    }

    @Test func `the stage is part of the fingerprint`() {
        #expect(print("x", .build) != print("x", .test))
    }

    @Test func `the log is not part of it when the machine failed`() {
        #expect(print("one", .build, .environmentKilled) == print("two", .build, .environmentKilled))
        #expect(print("one", .build, .environmentKilled) != print("one", .build, .environmentDiskFull))
    }

    @Test(arguments: [
        ("'Imf_3_2' 0x1F b/c.h:12: V3f sRGB8 v1.2", "'Imf' # c.h:#: V3f sRGB8 v#.#"),
        ("TryCompile-34ETYh cmTC_5c293 /tmp/ccJrlcT0.s 84f760f15152b534a39e6db28f9fcf01", "# # # #"),
        ("operator< of A<B<C> > and a->b", "operator< of A<> and a->b"), ("3.20 sec,  12 of 40", "#.# sec, # of #"),
        ("at 2026-05-01T12:00:01.25Z, 2026-05-01 and Fri May  1 12:00:01 2026", "at #, # and # # # #:#:# #"),
        ("/tmp/half-8f9c1d.o /tmp/tmpab12_x3z/a.h /tmp/tmpab12_x3z /x/tmp.Ab12Cd34Ef", "# a.h # #"),
        ("0b3c1f0e-9a1d-4c7e-8a53-1d2e3f4a5b6c 1a2b3c4 deadbee", "# # deadbee"), ("Test #12: 12/38", "Test #: #"),
        ("test_1 half-2 x86_64 thread_4711 libImath-3_1.so.29.12.0", "test_1 half-2 x86_64 thread_# libImath.so"),
        (
            "fmt::v11::format std::__cxx11::string pxrInternal_v0_25_5__pxrReserved__::Sdf",
            "fmt::format std::string pxrInternal::Sdf"
        ),
        ("", ""), ("::", "::"), ("May 3 may fail", "# # may fail"), ("May fail", "May fail"),
    ])
    func `numbers, times, hashes, versions and arguments of templates are folded`(_ text: String, _ folded: String) {
        #expect(StableText.folded(text) == folded)
    }

    @Test(arguments: [
        "ninja: build stopped: subcommand failed.", "make: *** [Makefile:146: all] Error 2", "make: *** Error 2",
        "make[1]: *** [CMakeFiles/Makefile2:83: CMakeFiles/x.dir/all] Error 2", "make: *** [all] Error 2",
        "collect2: error: ld returned 1 exit status", "c++: error: ld returned 1 exit status",
        "clang++-22: error: linker command failed with exit code 1 (use -v to see invocation)",
        "cc1plus: all warnings being treated as errors", "compilation terminated.", "Errors while running CTest", "",
    ])
    func `what only says that a step failed has none`(_ text: String) {
        #expect(print(text) == nil)
        #expect(Fingerprint.of(.build, .buildOther, nil, cause: nil) == nil)
    }

    @Test func `a step without output is known by what it makes`() {
        let ninja = print("FAILED: [code=1] gen/table.h /b/gen/table.h ")
        #expect(ninja == print("gmake[2]: *** [CMakeFiles/t.dir/build.make:70: gen/table.h] Error 1"))
        #expect(ninja != nil && ninja != print("FAILED: gen/other.h"))
    }

    @Test(arguments: [
        ("Pixels/Read.Tiles/1 Expected: 3", "Pixels/Read.Tiles/2 Expected: 3"),
        ("core/half_sum Failed", "imf/half_sum Failed"), ("FAIL: core/half", "FAIL: imf/half"),
        ("test_odd[1] assert 1 == 2", "test_odd[2] assert 1 == 2"),
        ("half_sum Failed a == b", "half_sum Failed a == c"),
    ])
    func `the name of a test counts as it is`(_ one: String, _ other: String) {
        func print(_ cause: String) -> String? { Fingerprint.of(.test, .testFailed, nil, cause: cause) }
        #expect(print(one) != print(other))
        #expect(
            print("half_sum Failed at a.cpp:12 after 0.3 s") == print("half_sum Failed at /x/a.cpp:7 after 12.25 s"))
    }

    @Test func `it begins with its form`() {
        #expect(print("a.cpp:1: error: odd")?.hasPrefix("2:") == true)
    }

    @Test(arguments: [
        ("_Z1fi", "f"), ("_ZN9Imath_3_15succfEf", "Imath_3_1::succf"),
        ("_ZNK3Imf6Header8channelsEv", "Imf::Header::channels"),
        ("_ZN3Imf6HeaderC1Ei", "Imf::Header::Header"), ("_ZN3Imf6HeaderD2Ev", "Imf::Header::~Header"),
        ("_ZTVN3Imf4ViewE", "Imf::View"), ("_ZTV4View", "View"), ("_ZN3ImfeqERKNS_6HeaderES2_", "Imf::operator=="),
        ("_ZN3Imf6HeaderpLEi", "Imf::Header::operator+="), ("_ZN3Imf5ArrayIfE3getEi", "Imf::Array::get"),
        (
            "_ZN3Imf5ArrayINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEE4pushERKSt6vectorIS6_SaIS6_EERKS6_",
            "Imf::Array::push"
        ),
        ("_ZSt4moveIRiEONSt16remove_referenceIT_E4typeEOS2_", "std::move"),
        ("_ZNSt6vectorIiSaIiEE3fooEv", "std::vector::foo"),
        ("_ZN1AILi16ELb1EE1fEv", "A::f"), ("_ZN12_GLOBAL__N_14helpEv", "help"), ("_ZThn16_N1A1fEv", "A::f"),
        ("_ZN1A3fooB5cxx11Ev", "A::foo"), ("_ZN1AILN1B4kindE2EE1fEv", "A::f"), ("_Zgarbage", "_Zgarbage"),
        ("_ZN", "_ZN"),
        ("_ZNIIIISS9999999999999999999999x", "_ZNIIIISS9999999999999999999999x"),
    ])
    func `mangled names are read without their arguments`(_ mangled: String, _ name: String) {
        #expect(MangledName.plain(mangled) == name)
    }
}
