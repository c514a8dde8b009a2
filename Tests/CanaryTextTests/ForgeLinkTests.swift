// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("A link to a forge")
struct ForgeLinkTests {
    private static let (from, to) = (String(repeating: "1", count: 40), String(repeating: "2", count: 40))

    @Test(arguments: [
        ("https://github.com/a/b.git", "https://github.com/a/b/compare/"),
        ("git@github.com:a/b.git", "https://github.com/a/b/compare/"),
        ("git@github.com:o/b.git", "https://github.com/o/b/compare/"),
        ("ssh://git@github.example.org:22/a/b", "https://github.example.org/a/b/compare/"),
        ("https://u:p@gitlab.com/g/s/b.git", "https://gitlab.com/g/s/b/-/compare/"),
        ("https://codeberg.org/a/b/", "https://codeberg.org/a/b/compare/"),
        ("git://GitLab.example.org/g/b", "https://GitLab.example.org/g/b/-/compare/"),
        ("http://gitea.example.org:3000/a/b", "http://gitea.example.org:3000/a/b/compare/"),
    ])
    func `compares two revisions`(_ repository: String, _ base: String) {
        #expect(ForgeLink(repository)?.compare(Self.from, Self.to) == "\(base)\(Self.from)...\(Self.to)")
    }

    @Test(arguments: [
        "/srv/git/github/b.git", "file:///github.com/a/b", "https://git.example.org/a/b", "https://github.com/a",
        "https://git.example.org/g/a.git", "https://github.com/a/<script>", "https://notgithub.com/a/b", "../a/b",
        "https://github.com/a/..", "javascript:github.com/a/b", "javascript://github.com/a/b",
        "git@git.example.org:a/b",
        "https://github.com/a/b\nc", "https://evil@user:pw@x/github.com/a/b",
    ])
    func `is not guessed`(_ repository: String) {
        #expect(ForgeLink(repository) == nil)
    }

    @Test func `needs revisions`() {
        let forge = ForgeLink("https://github.com/a/b")
        #expect(forge?.commit("main") == nil && forge?.compare(Self.from, "main") == nil)
        #expect(forge?.commit("1111111") == "https://github.com/a/b/commit/1111111")
    }

    @Test func `names a repository of GitHub`() {
        #expect(ForgeLink("git@github.com:a/b.git")?.gitHubName == "a/b")
        #expect(ForgeLink("https://gitlab.com/a/b")?.gitHubName == nil)
    }
}

@Suite("The address of a repository")
struct RepositoryAddressTests {
    @Test(arguments: [
        "https://github.com/a/b.git", "http://h/x", "ssh://git@h:22/x", "git://h/x", "file:///srv/x", "/srv/x",
        "git@github.com:a/b.git", "user_1@host:~/x",
    ])
    func `is something that git can fetch from`(_ address: String) { #expect(RepositoryAddress.isValid(address)) }

    @Test(arguments: [
        "", "javascript:x", "javascript://x/y", "ext::sh -c id", "-u/x", "--upload-pack=x", "../x", "x", "ftp://h/x",
        "https://-h/x", "https://h", "file://h/x", "git@-h:x", "git@h::x", "https://h/a b", "host:path",
    ])
    func `is nothing else`(_ address: String) { #expect(!RepositoryAddress.isValid(address)) }

    @Test(arguments: [
        ("https://u:p@h/x", "https://h/x"), ("https://token@h/x", "https://h/x"), ("https://h/x@y", "https://h/x@y"),
        ("ssh://git@h/x", "ssh://h/x"), ("git@h:x", "git@h:x"), ("https://a@b:c@h/x", "https://h/x"),
    ])
    func `is shown without user and password`(_ address: String, _ shown: String) {
        #expect(RepositoryAddress.withoutSecrets(address) == shown)
    }
}
