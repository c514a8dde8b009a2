// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import CanaryRunner

/// Where builds of each variant run, and what that is called.
package struct Environments: Sendable {
    /// Environment ids by variant.
    package private(set) var ids: [String: String]
    /// Why a variant has none.
    package private(set) var failures: [String: EnvironmentFailure] = [:]

    /// Environments whose ids are known.
    package init(ids: [String: String] = [:]) { self.ids = ids }

    /// The environments of `stack` on this machine, for plain processes: one hash for all.
    package static func ofProcesses(_ stack: Stack) async -> Environments {
        let machine = await ProcessEnvironment.current().id
        return Environments(ids: Dictionary(uniqueKeysWithValues: stack.variants.map { ($0.name, machine) }))
    }

    /// The images of `stack` as the manifests name them: the digest, else the reference; asks no engine.
    package static func asWritten(_ stack: Stack) -> Environments {
        let images = stack.variants.compactMap { variant in
            variant.image.map { (variant.name, $0.digest ?? $0.reference) }
        }
        return Environments(ids: Dictionary(uniqueKeysWithValues: images))
    }

    /// The images of `stack` as `engine` has or gets them: their digests.
    package static func of(_ stack: Stack, in engine: ContainerEngine) async -> Environments {
        var environments = Environments()
        for variant in stack.variants {
            guard let image = variant.image else { continue }
            do throws(RunnerFailure) {
                environments.ids[variant.name] = try await engine.digest(of: image.reference)
            } catch {
                environments.failures[variant.name] = EnvironmentFailure(reason: error.reason, detail: error.detail)
            }
        }
        return environments
    }
}
