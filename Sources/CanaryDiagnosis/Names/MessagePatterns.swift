// SPDX-License-Identifier: Apache-2.0

/// The table of all message patterns.
enum MessagePatterns {
    /// All patterns; the first one that matches a message counts.
    static let all: [MessagePattern] = [compiling, linking, configuring, running].flatMap { group in
        group.flatMap { complaint, patterns in patterns.compactMap { MessagePattern(complaint, $0) } }
    }

    /// The number of entries in the table, for the test that each of them is well formed.
    static var count: Int { [compiling, linking, configuring, running].joined().map(\.1.count).reduce(0, +) }

    private typealias Group = [(MessageTerms.Complaint, [String])]

    /// Messages of gcc, clang and compilers with the EDG front end.
    private static let compiling: Group = [
        (
            .noHeader,
            [
                "error: '{header}' file not found", "cannot open source file '{header}'",
                "error: {header}: No such file or directory",
            ]
        ),
        (
            .noModule,
            [
                "module '{module}' not found", "{module}: error: failed to read compiled module",
                "unknown compiled module interface: no such module '{module}'",
            ]
        ),
        (
            .undeclared,
            [
                "'{symbol}' has no member named '{symbol!}'", "'{symbol}' has no member '{symbol!}'",
                "'{symbol}' is not a member of '{symbol}'", "'{symbol}' is not a member of ",
                "no member named '{symbol}' in '{symbol}'", "no type named '{symbol}' in namespace '{symbol}'",
                "no type named '{symbol}' in '{symbol}'", "no template named '{symbol}' in namespace '{symbol}'",
                "no template named '{symbol}'", "no member named '{symbol}'", "no type named '{symbol}'",
                "module '{package}' has no attribute '{symbol!}'", "cannot import name '{symbol}' from '{package}'",
                "'{symbol}' in namespace '{symbol}' does not name a t",
                "'{symbol}' in '{symbol}' does not name a t", "'{symbol}' does not name a t",
                "'{symbol}' was not declared in this scope", "'{symbol}' has not been declared",
                "'{symbol}' undeclared",
                "implicit declaration of function '{symbol}'", "call to undeclared function '{symbol}'",
                "call to undeclared library function '{symbol}'", "unknown type name '{symbol}'",
                "use of undeclared identifier '{symbol}'", "undeclared identifier '{symbol}'",
                "identifier '{symbol}' is undefined", "'{symbol}' is not a namespace-name", "'{symbol}' is not a type",
                "'{symbol}' is not a class or namespace", "'{symbol}' is not a class, namespace, or enumeration",
                "possibly undefined macro: {macro}",
            ]
        ),
        (
            .noCall,
            [
                "no matching function for call to '{symbol}'", "no matching member function for call to '{symbol}'",
                "no matching constructor for initialization of '{symbol}'", "no match for call to '{symbol}'",
                "too few arguments to function '{symbol}'", "too many arguments to function '{symbol}'",
                "no declaration matches '{symbol}'", "out-of-line definition of '{symbol}' does not match",
                "'{symbol}' marked 'override', but does not override",
                "'{symbol}' marked 'override' but does not override",
                "'{symbol}' marked override, but does not override", "no instance of overloaded function '{symbol}'",
                "no instance of constructor '{symbol}'", "no instance of function template '{symbol}'",
                "use of deleted function '{symbol}'", "'{symbol}' is private within this context",
                "'{symbol}' is protected within this context", "'{symbol}' is a private member of '{symbol}'",
                "'{symbol}' is a protected member of '{symbol}'", "to be of abstract type '{symbol}'",
                "abstract class type '{symbol}'", "abstract class '{symbol}'", "macro '{macro}' passed",
                "macro '{macro}' requires", "invoking macro '{macro}'",
            ]
        ),
        (.deprecated, ["'{symbol}' is deprecated"]),
        (.redefined, ["redefinition of '{symbol}'", "conflicting types for '{symbol}'"]),
        (
            .incomplete,
            ["incomplete type '{symbol}'", "undefined template '{symbol}'", "'{symbol}' has incomplete type"]
        ),
    ]

    /// Messages of linkers, the loader and Python imports.
    private static let linking: Group = [
        (
            .undefined,
            [
                "undefined reference to symbol '{symbol}'", "undefined reference to '{symbol}'",
                "undefined symbol: {symbol}", "to symbol '{symbol}' failed: symbol not defined",
                "version node not found for symbol {symbol}", "hidden symbol '{symbol}'",
                "against undefined symbol '{symbol}'",
            ]
        ),
        (
            .definedTwice,
            [
                "multiple definition of '{symbol}'", "duplicate symbol: {file}: {file}: {symbol!}",
                "duplicate symbol: {symbol}",
            ]
        ),
        (
            .noLibrary,
            [
                "cannot find -l{library}:", "cannot find -l{library}", "unable to find library -l{library}",
                "library not found: {library}", "error while loading shared libraries: {library}:",
                "ImportError: {library}: cannot open shared object file",
                "OSError: {library}: cannot open shared object file",
            ]
        ),
        (
            .noFile,
            [
                "cannot open linker script file {file}:", "cannot find {file}: No such file or directory",
                "cannot open {file}: No such file or directory", "error: '{file}', needed by '",
                "No rule to make target '{file}', needed by '",
            ]
        ),
        (
            .unfit,
            [
                "{file}: file format not recognized", "{file}: file not recognized", "{file}: error adding symbols",
                "against symbol '{symbol}'",
            ]
        ),
        (.noTarget, ["No rule to make target '{target}'", "unknown target '{target}'"]),
    ]

    /// Messages of CMake, pkg-config, Meson, autoconf scripts and Python.
    private static let configuring: Group = [
        (
            .noTool,
            [
                "build program corresponding to '{tool}'", "compiler set in environment variable CXX: {tool}",
                "compiler set in environment variable CC: {tool}", "The CMAKE_CXX_COMPILER: {tool} is not",
                "The CMAKE_C_COMPILER: {tool} is not",
            ]
        ),
        (.noTarget, ["imported targets are referenced, but are missing: {target}"]),
        (
            .otherVersion,
            [
                "configuration file for package '{package}' that is compatible",
                "Could NOT find {package}: Found unsuitable",
                "Package dependency requirement '{package} ", "Requested '{package} ",
            ]
        ),
        (
            .noPackage,
            [
                "package configuration file provided by '{package}'",
                "so package '{package}' is considered to be NOT FOUND",
                "configuration file for package '{package}'", "Could NOT find {package}",
                "No package '{package}' found",
                "they are set to NOTFOUND. {package}",
                "Package '{package}', required by", "Package {package} was not found in the pkg-config",
                "Package {package} was not found", "Package requirements ({package} ",
                "required packages were not found: - {package}",
                "Dependency '{package}' not found", "Dependency '{package}' is required but not found",
                "No module named '{package}'",
                "No matching distribution found for {package}", "satisfies the requirement {package} ",
                "Unable to locate package {package}", "(message): {package} is required",
                "(message): {package} was not found", "(message): {package} not found",
                "(message): Could not find {package}", "(message): Cannot find {package}",
            ]
        ),
        (
            .noTarget,
            [
                " links to: {target} but the target was not found", " links to target '{target}' but",
                "target '{target}' contains: {target!} but the target was not found",
                "non-existent target '{target}'", "No target '{target}'", "target '{target}' which is not built by",
                "could not find TARGET {target}", "add properties to: {target}",
                "requires target '{target}' that is not in", "requires target '{target}' that is in",
                "because target '{target}' does not already exist", "arget '{target}' not found",
                "dependency target '{target}' of target", "another target with the same name '{target}'",
                "target '{target}' because another target with the same name",
            ]
        ),
        (
            .brokenTarget,
            [
                "imported target '{target}' references the file '{file}'",
                "ported target '{target}' includes non-existent path",
            ]
        ),
        (.noCommand, ["Unknown CMake command '{command}'"]),
        (
            .noFile,
            [
                "include could not find requested file: {file}", "Cannot find source file: {file}",
                "INSTALL cannot find '{file}'", "given source '{file}' which is not an existing",
                "failed to open for reading (No such file or directory): {file}", "No such file or directory: '{file}'",
            ]
        ),
        (.noLibrary, ["library '{library}' not found"]),
    ]

    /// Messages of shells, make, CMake and test runners.
    private static let running: Group = [
        (
            .noTool,
            [
                "env: '{tool}': No such file or directory", "env: {tool}: No such file or directory",
                "{tool}: command not found", "{tool}: Command not found", "able to find executable: {tool}",
                "cannot execute '{tool}'", "error: cannot find '{tool}'",
                "make: {tool}: No such file or directory", "]: {tool}: No such file or directory", "{tool}: not found",
                "{tool}: bad interpreter", "{tool}: cannot execute",
            ]
        ),
        (.denied, ["{file}: Permission denied"]),
        (
            .testFailed,
            [
                "[  FAILED  ] {test}", "[ RUN      ] {test}", "FAIL: {test} (", "ERROR: {test} (", "FAILED {test} - ",
                "ERROR at setup of {test} - ", "ERROR at teardown of {test} - ", "ERROR {test} - ", "FAILED {test}",
                "ERROR {test}",
            ]
        ),
    ]
}
