// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryServer

@Suite("The names of a server") struct AllowedHostsTests {
    private func hosts(_ listening: String, site: String? = nil, _ others: String...) -> AllowedHosts {
        AllowedHosts(listeningOn: listening, site: site, others: others)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "::1", "127.0.1.1"])
    func `on the loopback interface are those of the loopback interface`(listening: String) {
        let hosts = hosts(listening)
        for name in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]", "localhost."] {
            #expect(hosts.check(name, from: "127.0.0.1") == .allowed, "\(name)")
        }
        for name in ["example.org", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "[::2]"] {
            #expect(hosts.check(name, from: "127.0.0.1") != .allowed, "\(name)")
        }
    }

    @Test(arguments: ["0.0.0.0", "::"])
    func `on all interfaces are all addresses, which nobody can rebind`(listening: String) {
        let hosts = hosts(listening, "Build.Example.org")
        for name in ["10.1.2.3:8080", "[2001:db8::1]:80", "localhost", "build.example.org:8080"] {
            #expect(hosts.check(name, from: "10.0.0.9") == .allowed, "\(name)")
        }
        for name in ["example.org", "10.1.2.3.nip.io", "2001:db8::1", "1.2.3.4:x", "[10.1.2.3", "[x]"] {
            #expect(hosts.check(name, from: "10.0.0.9") != .allowed, "\(name)")
        }
    }

    @Test func `in brackets are addresses of version 6 alone, without the dot that ends a name`() {
        for name in ["[::1.]:80", "[127.0.0.1]", "[localhost]", "[::1\0]", "[::1].", "[]", "["] {
            #expect(hosts("127.0.0.1").check(name, from: "127.0.0.1") != .allowed, "\(name.debugDescription)")
            #expect(hosts("0.0.0.0").check(name, from: "127.0.0.1") != .allowed, "\(name.debugDescription)")
        }
    }

    @Test func `on one address are that address and the host of the site`() {
        let hosts = hosts("10.0.0.5", site: "https://Canary.example.org:8443/x")
        #expect(hosts.check("10.0.0.5:8080", from: "10.0.0.9") == .allowed)
        #expect(hosts.check("canary.example.org", from: "10.0.0.9") == .allowed)
        #expect(hosts.check("localhost", from: "10.0.0.9") == .unknown("localhost"))
        #expect(hosts.check("10.0.0.6", from: "10.0.0.9") == .unknown("10.0.0.6"))
    }

    @Test func `may be left out by programs of this machine alone`() {
        for caller in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            #expect(hosts("0.0.0.0").check(nil, from: caller) == .allowed, "\(caller)")
        }
        for caller in ["10.0.0.9", "unknown", "::ffff:10.0.0.9", "127.evil"] {
            #expect(hosts("0.0.0.0").check(nil, from: caller) == .missing, "\(caller)")
        }
        #expect(hosts("127.0.0.1").check("", from: "127.0.0.1") == .missing)
    }

    @Test func `are given without scheme, port and path`() {
        for name in ["canary.example.org", "x", "10.0.0.1", "::1", "[::1]", "a-b_c."] {
            #expect(AllowedHosts.isName(name))
        }
        for name in ["", "http://x", "x:80", "x/y", "*", "x y", "é", "[x]"] {
            #expect(!AllowedHosts.isName(name), "\(name)")
        }
    }
}
