// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import CanaryText
package import Foundation

/// `canary.lkg/1`: the last known good revision vector of a variant.
package struct LockDocument: Document {
    /// The image it was built in.
    package struct Image: Codable, Hashable, Sendable {
        /// The name that variants use.
        package let name: String
        /// The reference as written in the manifests.
        package let reference: String
        /// The environment id: the image's digest.
        package let digest: String
    }

    package let schema = "canary.lkg/1"
    /// The variant.
    package let variant: String
    /// When its run started.
    package let at: Date
    /// The run.
    package let run: String
    /// The revision of each project.
    package let revisions: [String: String]
    /// The image that the variant was built in; null in the process runtime.
    let image: Nullable<Image>
    /// The build of each project.
    package let keys: [String: String]
    /// The projects that failed as expected; the vector has their own last known good, or leaves them out.
    package let except: [String]

    /// The vector that `green` used.
    ///
    /// - Parameter goods: the last known good of the jobs that failed as expected.
    package init(stack: Stack, variant: String, green: GreenRun, goods: [JobID: JobBuild]) {
        self.variant = variant
        at = green.at
        run = green.run
        var revisions: [String: String] = [:]
        var keys: [String: String] = [:]
        var except: [String] = []
        for job in green.jobs {
            let name = job.planned.job.project
            // A project without a job in the variant is known from its downstreams.
            revisions.merge(job.planned.upstreams.mapValues(\.revision)) { first, _ in first }
            guard job.result == .passed else {
                guard job.expectedIssue != nil else { continue }
                except.append(name)
                let good = goods[job.planned.job]
                revisions[name] = good?.source.revision
                keys[name] = good?.key
                continue
            }
            revisions[name] = job.planned.source?.revision
            keys[name] = job.planned.key
        }
        self.revisions = revisions
        self.keys = keys
        self.except = except.sorted()
        let image = stack.variant(variant)?.image
        self.image = Nullable(
            image.map { Image(name: $0.name, reference: $0.reference, digest: green.environment ?? "") })
    }
}

/// `canary.lock-comparison/1`: what changed between two vectors.
package struct LockComparison: Document {
    /// A project whose revision differs; null if a vector does not have it.
    struct Change: Encodable, Sendable {
        let project: String
        let from: Nullable<String>
        let to: Nullable<String>
    }

    package let schema = "canary.lock-comparison/1"
    let variant: String
    let run: String
    let moved: [Change]

    /// The changes from `earlier`, revisions by project, to `lock`.
    package init(from earlier: [String: String], to lock: LockDocument) {
        variant = lock.variant
        run = lock.run
        moved = Set(earlier.keys).union(lock.revisions.keys).sorted().compactMap { project in
            let (from, to) = (earlier[project], lock.revisions[project])
            return from == to ? nil : Change(project: project, from: Nullable(from), to: Nullable(to))
        }
    }

    /// One line for each project, for people.
    package var text: String {
        guard !moved.isEmpty else { return "nothing changed" }
        return moved.map { "\($0.project) \($0.from.value ?? "-") -> \($0.to.value ?? "-")" }.joined(separator: "\n")
    }
}
