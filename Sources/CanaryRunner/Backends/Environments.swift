// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// The environments that builds of each variant run in.
package struct Environments: Sendable {
    /// Environment ids by variant.
    package private(set) var ids: [String: String]
    /// Why the environment of a variant could not be determined.
    package private(set) var failures: [String: RunnerFailure] = [:]

    /// Environments whose ids are known.
    package init(ids: [String: String] = [:]) { self.ids = ids }

    /// The same, with the stated environments in place of the current ones.
    package func replacing(_ stated: [String: String]) -> Environments {
        var environments = self
        environments.ids.merge(stated) { $1 }
        environments.failures = failures.filter { stated[$0.key] == nil }
        return environments
    }

    /// The environments of `stack` on this machine, for plain processes: one hash for all.
    package static func ofProcesses(_ stack: Stack) async -> Environments {
        let machine = await ProcessEnvironment.current().id
        return Environments(ids: Dictionary(uniqueKeysWithValues: stack.variants.map { ($0.name, machine) }))
    }

    /// The images of `stack` as far as known without pulling any: the digest in the images file, else that of the local
    /// image, else the reference.
    ///
    /// The container engine, which may be absent, is asked only about images without a digest.
    package static func foreseen(_ stack: Stack, runtime: RuntimeChoice) async -> Environments {
        let images = stack.variants.compactMap { variant in variant.image.map { (variant.name, $0) } }
        let isPinned = images.allSatisfy { $0.1.digest != nil }
        let engine = isPinned ? nil : try? await ContainerEngine.find(runtime)
        var environments = Environments()
        for (variant, image) in images {
            let local = image.digest == nil ? await engine?.images.localDigest(of: image.reference) : nil
            environments.ids[variant] = image.digest ?? local ?? image.reference
        }
        return environments
    }

    /// The image digests of `stack`; `engine` pulls images that it does not have.
    package static func of(_ stack: Stack, in engine: ContainerEngine) async -> Environments {
        var environments = Environments()
        for variant in stack.variants {
            guard let image = variant.image else { continue }
            do throws(RunnerFailure) {
                environments.ids[variant.name] = try await engine.images.digest(of: image.reference)
            } catch {
                environments.failures[variant.name] = error
            }
        }
        return environments
    }
}
