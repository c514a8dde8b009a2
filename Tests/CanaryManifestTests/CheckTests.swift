// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryManifest

@Suite struct `Checks` {
    @Test(arguments: [
        "main", "release/3.1", "a.b", "1.10", "-x", "a b", "a..b", "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b",
        "/a", "a/", "a//b", "a.", ".a", "a/.b", "a.lock", "a.lock/b", "a.locks", "a@b", "a@{b", "a\u{7}b", "a\u{7F}b",
        "é", "refs/heads/x", "a-", "lock", "a]b", "a\nb",
    ])
    func `a branch name is what git accepts`(name: String) {
        #expect(isRefName(name) == (Program.run(["git", "check-ref-format", "--branch", name]).status == 0))
    }

    @Test func `the short name of HEAD is not a branch`() {
        #expect(!isRefName("@"))
    }

    @Test(arguments: [
        ("2027-01-31", 1_801_353_600), ("2027-01-31T00:00:00Z", 1_801_353_600),
        ("2027-01-31t02:00:00+02:00", 1_801_353_600),
        ("2027-01-30 22:30:00.5-01:30", 1_801_353_600), ("2028-02-29", 1_835_395_200),
    ])
    func `a date is read in UTC`(text: String, seconds: Int) {
        #expect(ManifestDate.read(text) == Date(timeIntervalSince1970: Double(seconds)))
    }

    @Test(arguments: [
        "", "2027", "2027-1-31", "2027-02-29", "2027-13-01", "2027-01-31T24:00:00Z", "2027-01-31T00:00:00",
        "2027-01-31T00:00:00+99:00", "31.01.2027", "2027-01-31Z", "２０２７-01-31",
    ])
    func `what is no date is refused`(text: String) {
        #expect(ManifestDate.read(text) == nil)
    }

    @Test(arguments: [
        ("imth", "imath"), ("IMATH", "imath"), ("opnexr", "openexr"), ("opneexr", "openexr"),
        ("page_after", "page-after"),
    ])
    func `the nearest name is offered`(written: String, meant: String) {
        #expect(NearestName.of(written, among: ["imath", "openexr", "opencolorio", "page-after"]) == meant)
    }

    @Test(arguments: [
        ("nowhere", "containers/images.yaml"), ("a/manifests/", "a/containers/images.yaml"),
        ("/manifests", "/containers/images.yaml"), (".", "./../containers/images.yaml"),
        ("../manifests", "../containers/images.yaml"),
    ])
    func `a path is shown from the working folder`(folder: String, path: String) {
        let stack = StackFolder(folder, report: Report())
        #expect(stack.imagesPath(named: "../containers/images.yaml") == path)
        #expect(stack.imagesPath(named: "/x.yaml") == "/x.yaml")
    }

    @Test func `nothing far away is offered`() {
        #expect(NearestName.of("quux", among: ["imath", "openexr"]) == nil)
        #expect(NearestName.of("", among: ["imath"]) == nil)
        #expect(NearestName.of(String(repeating: "x", count: 100_000), among: ["imath"]) == nil)
    }
}
