// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryRunner

/// Where builds run, and what its environment is called.
package enum Environments {
    /// The environment id of each variant of `stack`.
    ///
    /// In a container that is the image's digest, as the manifests pin it; for plain processes a hash of the machine.
    package static func ids(of stack: Stack, runtime: RuntimeChoice) async -> [String: String] {
        guard runtime == .process else {
            let images = stack.variants.compactMap { variant in
                variant.image.map { (variant.name, $0.digest ?? $0.reference) }
            }
            return Dictionary(uniqueKeysWithValues: images)
        }
        let machine = await ProcessEnvironment.current().id
        return Dictionary(uniqueKeysWithValues: stack.variants.map { ($0.name, machine) })
    }
}
