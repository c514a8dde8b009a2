// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryDiagnosis
@testable import CanaryModel

/// The text of an error and the names in it.
struct ErrorText: Sendable, CustomTestStringConvertible {
    let text: String
    let names: [String]
    var testDescription: String { text }

    init(_ text: String, _ names: String...) {
        self.text = text
        self.names = names
    }
}

@Suite("EntityName") struct EntityNameTests {
    @Test(arguments: compilers + linkers + tools) func `the names in an error are found`(_ printed: ErrorText) {
        let names = FirstError(text: printed.text).names
        #expect(names.map { "\($0.kind.rawValue) \($0.name)" } == printed.names)
    }

    private static let compilers: [ErrorText] = [
        ErrorText(
            "a.cpp:1:1: error: ‘OIIO_NAMESPACE_USING’ does not name a type; did you mean ‘OIIO_NAMESPACE’?",
            "macro OIIO_NAMESPACE_USING"),
        ErrorText(
            "a.cpp:1:1: error: use of undeclared identifier 'OIIO_AVX512ER_ENABLED'", "macro OIIO_AVX512ER_ENABLED"),
        ErrorText(
            "a.cpp:1: error: 'parseColorSpaceFromString' was not declared in this scope",
            "symbol parseColorSpaceFromString"),
        ErrorText(
            "a.cpp:1:2: error: 'value' is not a member of 'OIIO::BaseTypeFromC<Imath::half>'", "symbol value",
            "symbol OIIO::BaseTypeFromC"),
        ErrorText(
            "a.cpp:1:2: error: 'class OIIO::ImageInput' has no member named 'm_mutex'", "symbol m_mutex",
            "symbol OIIO::ImageInput"),
        ErrorText(
            "a.cpp:1:2: error: no member named 'emitInclude' in 'MaterialX::ShaderGenerator'", "symbol emitInclude",
            "symbol MaterialX::ShaderGenerator"),
        ErrorText(
            "a.cpp(3): error: class \"OCIO::Config\" has no member \"getTexture\"", "symbol getTexture",
            "symbol OCIO::Config"),
        ErrorText(
            "a.cpp:1:10: fatal error: OpenColorIO/apphelpers/ColorSpaceHelpers.h: No such file or directory",
            "header OpenColorIO/apphelpers/ColorSpaceHelpers.h"),
        ErrorText(
            "a.cpp:1:10: fatal error: 'MaterialXGenGlsl/Nodes/SurfaceNodeGlsl.h' file not found",
            "header MaterialXGenGlsl/Nodes/SurfaceNodeGlsl.h"),
        ErrorText("a.cpp(1): error: cannot open source file \"half.h\"", "header half.h"),
        ErrorText(
            "a.cpp:1:2: error: no matching function for call to 'OIIO::ImageBuf::read(int, bool)'",
            "symbol OIIO::ImageBuf::read"),
        ErrorText(
            "a.cpp:1:2: error: 'To OIIO::bit_cast(const From&) [with From = int; To = float]' is deprecated",
            "symbol OIIO::bit_cast"),
        ErrorText("a.cpp:1:2: error: 'float OIIO::bit_cast(int)' is deprecated: use bitcast", "symbol OIIO::bit_cast"),
        ErrorText(
            "a.cpp:1:2: error: base operand of '->' has non-pointer type 'MaterialX::TypeDesc'",
            "symbol MaterialX::TypeDesc"),
        ErrorText(
            "a.cpp:1:2: error: macro \"IMATH_CHECK\" requires 2 arguments, but only 1 given", "macro IMATH_CHECK"),
        ErrorText("a.cpp:1:2: error: expected initializer before ‘IMATH_EXPORT’", "macro IMATH_EXPORT"),
        ErrorText("a.cpp:1:2: error: expected ';' before '}' token"),
        ErrorText("a.cpp:1:2: error: cannot convert 'int' to 'const char*'"),
        ErrorText(
            "a.cpp:1:2: error: no match for 'operator<' (operand types are 'A' and 'A')", "symbol operator<",
            "symbol A"),
        ErrorText("c++: error: unrecognized command-line option '-mfoo'"),
    ]

    private static let linkers: [ErrorText] = [
        ErrorText(
            "a.cpp:7: undefined reference to `Imath_3_1::Vec3<float>::length() const'",
            "symbol Imath_3_1::Vec3::length"),
        ErrorText("ld.lld: error: undefined symbol: (anonymous namespace)::table(int)", "symbol table"),
        ErrorText("ld: a.o: undefined reference to symbol '_ZN9Imath_3_15succfEf@@IMATH_3'", "symbol Imath_3_1::succf"),
        ErrorText("ImportError: x.so: undefined symbol: _ZTIN7Imf_3_46HeaderE", "symbol Imf_3_4::Header"),
        ErrorText("./t: symbol lookup error: ./t: undefined symbol: exr_read, version EXR_3", "symbol exr_read"),
        ErrorText("ld: a.o: undefined reference to `vtable for Imf::Header'", "symbol Imf::Header"),
        ErrorText("mold: error: duplicate symbol: a.o: b.o: f(int)", "symbol f", "file a.o", "file b.o"),
        ErrorText("/usr/bin/ld: cannot find -lopenjph: No such file or directory", "library openjph"),
        ErrorText("/usr/bin/ld: cannot find /x/libfoo.a: No such file or directory", "library libfoo.a"),
        ErrorText(
            "./t: error while loading shared libraries: libImath.so.29: cannot open shared object file",
            "library libImath.so.29"),
    ]

    private static let tools: [ErrorText] = [
        ErrorText(
            "CMake Error at C.txt:1 (x): Target \"a\" links to: Imath::Half but the target was not found.",
            "target Imath::Half"),
        ErrorText(
            "CMake Error at C.txt:1 (x): The link interface of target \"A::a\" contains: B::b but the target was not "
                + "found.", "target B::b", "target A::a"),
        ErrorText(
            "CMake Error at C.txt:1 (x): By not providing \"FindA.cmake\" in CMAKE_MODULE_PATH this project has asked "
                + "CMake to find a package configuration file provided by \"A\", but CMake did not find one.",
            "package A"),
        ErrorText("CMake Error at F.cmake:1 (message): Could NOT find TIFF (missing: TIFF_LIBRARY)", "package TIFF"),
        ErrorText("CMake Error at F.cmake:1 (message): OpenEXR is required, aborting.", "package OpenEXR"),
        ErrorText(
            "CMake Error at F.cmake:1 (message): The following required packages were not found: - lcms2>=2.2",
            "package lcms2"),
        ErrorText("No package 'OpenEXR' found", "package OpenEXR"),
        ErrorText("ModuleNotFoundError: No module named 'jinja2'", "package jinja2"),
        ErrorText("sh: 1: cmake: not found", "tool cmake"),
        ErrorText("/usr/bin/env: ‘python3’: No such file or directory", "tool python3"),
        ErrorText("2/38 Test  #2: Imath.testFun ....***Failed    0.02 sec", "test Imath.testFun"),
        ErrorText("[  FAILED  ] Half.Odd (0 ms)", "test Half.Odd"),
        ErrorText(
            "ninja: error: 'imath:lib/libImath.so', needed by 'a.so', missing and no known rule to make it",
            "library libImath.so"),
        ErrorText("the table does not fit"), ErrorText(""),
    ]

    @Test func `each pattern is well formed`() {
        #expect(MessagePatterns.all.count == MessagePatterns.count)
        #expect(MessagePattern(.undeclared, "no name in it") == nil)
        #expect(MessagePattern(.undeclared, "an unknown '{thing}'") == nil)
    }
}
