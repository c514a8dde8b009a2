// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText

/// The most that a checkout may be, with its submodules: a few objects can name a thousand million files.
package struct CheckoutLimits: Hashable, Sendable {
    /// Bytes of all files.
    package var bytes: Int
    /// Time to write everything, in which submodules are fetched too.
    package var time: Duration
    /// Files, folders, links and submodules; the largest repositories have half as many.
    package var entries = 1_000_000
    /// The parts of the longest path.
    package var depth = 128
    /// Submodules, each of which takes several processes.
    package var submodules = 1000

    /// Makes the limits of the checkout of an attempt that has the limits `attempt`.
    package init(of attempt: AttemptLimits = AttemptLimits()) {
        bytes = attempt.disk.bytes
        time = attempt.attempt.duration
    }

    /// The most bytes of a listing that are read: a tree of very many or very deep folders has a longer one.
    var listingBytes: Int { entries * 128 }

    /// What happens when more is written than was listed.
    var isExceeded: GitFailure {
        GitFailure(
            reason: .fetchCheckout,
            detail: "the checkout takes more than the \(bytes.sizeText) of `limits: {disk}`; hint: look at its "
                + "`.gitattributes`, which can make files longer, or raise `limits: {disk: ...}` of the project")
    }

    /// What a listing that is longer than `listingBytes` means.
    ///
    /// - Parameter start: where its tree is in the whole checkout.
    func longListing(at start: String) -> GitFailure {
        Self.failure(
            "\(Self.tree(at: start)) takes more than \(listingBytes.sizeText) to list: it has more than about "
                + "\(entries) files and folders, or very deep ones")
    }

    /// Takes what `listing` names from what is left.
    ///
    /// - Parameter start: where its tree is in the whole checkout.
    /// - Throws: `GitFailure` when a limit is exceeded.
    mutating func take(_ listing: RevisionListing.Size, at start: String) throws(GitFailure) {
        let place = Self.tree(at: start)
        let parts = start.split(separator: "/").count
        guard listing.depth + parts <= depth else {
            throw Self.failure("\(place) has folders \(listing.depth + parts) deep, expected at most \(depth)")
        }
        guard listing.entries <= entries else {
            throw Self.failure(
                "\(place) has \(listing.entries) files and folders, expected at most \(entries)"
                    + (start.isEmpty ? "" : " more"))
        }
        guard listing.submodules <= submodules else {
            throw Self.failure(
                "\(place) has \(listing.submodules) submodules, expected at most \(submodules)"
                    + (start.isEmpty ? "" : " more"))
        }
        guard listing.bytes <= bytes else {
            throw GitFailure(
                reason: .fetchCheckout,
                detail: "the files of \(place) take \(listing.bytes.sizeText), and \(bytes.sizeText) are left of "
                    + "`limits: {disk}`; hint: if they are what they should be, raise `limits: {disk: ...}` of the project"
            )
        }
        entries -= listing.entries
        submodules -= listing.submodules
        bytes -= listing.bytes
    }

    private static func tree(at start: String) -> String {
        start.isEmpty ? "its tree" : "the submodule `\(start.dropLast())`"
    }

    private static func failure(_ what: String) -> GitFailure {
        GitFailure(
            reason: .fetchCheckout,
            detail: "\(what); hint: look at the commits that brought them: this is how a repository is made to fill a "
                + "disk; `folder` and `submodules: false` in the project's manifest leave parts out")
    }
}
