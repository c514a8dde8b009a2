// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryRunner

@Suite("PrefixStore") final class PrefixStoreTests {
    let temporary = TemporaryFolder()

    @Test func `a prefix is made empty, found and removed`() throws {
        let store = PrefixStore(state: StateFolder(path: temporary("state")))
        #expect(store.stored().isEmpty)
        #expect(!store.exists(project: "imath", key: "k1"))
        let path = try store.prepare(project: "imath", key: "k1")
        #expect(path == temporary("state/prefixes/imath/k1"))
        temporary.write("state/prefixes/imath/k1/lib/x", "half an install")
        #expect(try store.prepare(project: "imath", key: "k1") == path)
        #expect(names(below: path) == [])
        _ = try store.prepare(project: "openexr", key: "k2")
        #expect(store.stored().map { "\($0.project) \($0.key)" } == ["imath k1", "openexr k2"])
        store.remove(project: "imath", key: "k1")
        #expect(!store.exists(project: "imath", key: "k1") && store.exists(project: "openexr", key: "k2"))
    }

    @Test func `a file or a link at the path of a prefix is replaced`() throws {
        let store = PrefixStore(state: StateFolder(path: temporary("state")))
        temporary.write("kept/x", "")
        try Folder.make(temporary("state/prefixes/imath"))
        symlink(temporary("kept"), temporary("state/prefixes/imath/k1"))
        temporary.write("state/prefixes/imath/k2", "a file")
        for key in ["k1", "k2"] { #expect(names(below: try store.prepare(project: "imath", key: key)) == []) }
        #expect(names(below: temporary("kept")) == ["x"])
    }

    @Test func `a link on the way to a prefix is refused`() throws {
        let store = PrefixStore(state: StateFolder(path: temporary("state")))
        temporary.write("kept/x", "")
        try Folder.make(temporary("state/prefixes"))
        symlink(temporary("kept"), temporary("state/prefixes/imath"))
        #expect(throws: FolderFailure(action: "create", path: temporary("state/prefixes/imath"), code: ENOTDIR)) {
            try store.prepare(project: "imath", key: "k1")
        }
        // What is listed here may be removed as garbage.
        #expect(store.stored().isEmpty)
        #expect(names(below: temporary("kept")) == ["x"])
    }
}
