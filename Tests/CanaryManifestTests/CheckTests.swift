// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryManifest

@Suite struct `Checks` {
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
}
