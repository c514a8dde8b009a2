// SPDX-License-Identifier: Apache-2.0

/// Where builds run: a container image, usually of one VFX Platform year.
package struct Variant: Hashable, Sendable {
    /// The name, which follows `@` in a job.
    package let name: String
    /// The image; nil only where the runtime is `process`.
    package let image: Image?
    /// The lanes of this variant; never empty.
    package let lanes: [Lane]
    /// When this variant runs; nil means on the schedule of the stack.
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
    /// The name that variants use.
    package let name: String
    /// `registry/name:tag@sha256:...`; without a digest the image is not pinned.
    package let reference: String
    /// The VFX Platform year; nil where it has none.
    package let year: Int?
    /// Variables that are added to the environment of every stage.
    package let environment: [String: String]

    /// Makes an image.
    package init(name: String, reference: String, year: Int? = nil, environment: [String: String] = [:]) {
        self.name = name
        self.reference = reference
        self.year = year
        self.environment = environment
    }

    /// The pinned digest, `sha256:...`; nil when the reference has only a tag.
    package var digest: String? {
        guard let at = reference.lastIndex(of: "@") else { return nil }
        return String(reference[reference.index(after: at)...])
    }
}
