// SPDX-License-Identifier: Apache-2.0

/// Where a build happens: a container image, usually of one VFX Platform year.
package struct Variant: Hashable, Sendable {
    /// The name jobs carry after `@`.
    package let name: String
    /// The image; nil only where the runtime is `process`.
    package let image: Image?
    /// The lanes run here; never empty.
    package let lanes: [Lane]
    /// When this variant runs, where it differs from the stack's schedule.
    package let schedule: CronSchedule?

    /// Makes a variant.
    package init(name: String, image: Image?, lanes: [Lane], schedule: CronSchedule? = nil) {
        self.name = name
        self.image = image
        self.lanes = lanes
        self.schedule = schedule
    }
}

/// A container image of `containers/images.yaml`.
package struct Image: Hashable, Sendable {
    /// The name variants use.
    package let name: String
    /// `registry/name:tag@sha256:...`; the digest may be absent until pinned.
    package let reference: String
    /// The VFX Platform year, where it has one.
    package let year: Int?
    /// Variables added to every stage run in it.
    package let environment: [String: String]

    /// Makes an image.
    package init(name: String, reference: String, year: Int? = nil, environment: [String: String] = [:]) {
        self.name = name
        self.reference = reference
        self.year = year
        self.environment = environment
    }

    /// The pinned digest, `sha256:...`, or nil when the reference names a tag alone.
    package var digest: String? {
        guard let at = reference.lastIndex(of: "@") else { return nil }
        return String(reference[reference.index(after: at)...])
    }
}
