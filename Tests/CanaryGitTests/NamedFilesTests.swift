// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryGit

@Suite("NamedFiles") final class NamedFilesTests {
    let temporary = TemporaryFolder()

    @Test(arguments: [
        ("sh -e x.sh", "sh -e @x.sh"), ("bash -eu x", "bash -eu @x"), ("python3 -u x.py", "python3 -u @x.py"),
        ("nice sh x.sh", "nice sh @x.sh"), ("env A=1 sh x", "env A=1 sh @x"), ("make -f my.mk", "make -f @my.mk"),
        ("make -s -f my.mk test", "make -s -f @my.mk test"), ("make -fmy.mk test", "make -f@my.mk test"),
        ("make --file=my.mk", "make --file=@my.mk"), ("cmake -P my.cmake", "cmake -P @my.cmake"),
        ("./x.sh a", "@./x.sh a"), ("x.sh", "x.sh"), ("make x", "make x"), ("make x.o", "make x.o"),
        ("make CONF=my.mk", "make CONF=@my.mk"), ("cc -o out.bin x.c", "cc -o out.bin @x.c"),
        ("timeout 5 python3 -B x.py my.mk", "timeout 5 python3 -B @x.py @my.mk"), ("sh -c x.sh", "sh -c @x.sh"),
        ("python3 -W ignore x.py", "python3 -W ignore @x.py"), ("pytest t.py::case", "pytest t.py::case"),
        ("sh ../up.sh", "sh @../up.sh"), ("/bin/sh x.sh", "/bin/sh @x.sh"),
    ])
    func `the caller's file is used wherever it stands`(_ line: String, _ expected: String) async throws {
        let origin = TestRepository(temporary("origin"))
        let good = origin.commit(["a": "1", "sub/in.sh": "1"])
        for name in ["x.sh", "x", "x.py", "x.o", "x.c", "my.mk", "my.cmake", "out.bin", "test", "ignore", "t.py"] {
            temporary.write("work/\(name)", "")
        }
        temporary.write("up.sh", "")
        let repository = try await Repository.open(origin.path, git: UserSettings.git([], home: temporary))
        let files = await NamedFiles(
            in: line.split(separator: " ").map(String.init), of: repository, at: [good], folder: temporary("work"))
        let work = temporary("work/")
        let shown = files.words.joined(separator: " ").replacing(temporary("up.sh"), with: "@../up.sh")
        #expect(shown.replacing(work, with: "@").replacing("@x.sh a", with: "@./x.sh a") == expected)
        #expect(files.missing == nil)
    }

    @Test func `a file of the commits comes from them, in the folder that the caller is in`() async throws {
        let origin = TestRepository(temporary("origin"))
        let good = origin.commit(["top.sh": "1", "sub/in.sh": "1", "sub/deep/x.mk": "1"])
        let git = UserSettings.git([], home: temporary)
        let repository = try await Repository.open(origin.path + "/sub", git: git)
        #expect(repository.subfolder == "sub/")
        for (line, names) in [
            ("sh -e in.sh", ["in.sh"]), ("make -C deep -f deep/x.mk", ["deep/x.mk"]), ("sh ../top.sh", ["../top.sh"]),
        ] {
            let words = line.split(separator: " ").map(String.init)
            let files = await NamedFiles(in: words, of: repository, at: [good], folder: origin.path + "/sub")
            #expect(files.words == words && files.ofCaller.isEmpty && files.ofCommits == names, "\(line)")
        }
        let missing = await NamedFiles(in: ["sh", "-e", "no.sh"], of: repository, at: [good], folder: temporary.path)
        #expect(missing.missing?.script == "no.sh" && missing.missing?.interpreter == "sh")
        let code = await NamedFiles(in: ["perl", "-e", "exit 1"], of: repository, at: [good], folder: temporary.path)
        #expect(code.missing == nil && code.words == ["perl", "-e", "exit 1"])
    }
}
