// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// `canary.notice/1`: one notice.
package struct NoticeDocument: Document {
    package let schema = "canary.notice/1"
    let key: String
    let kind: String
    let urgency: String
    let audience: String
    let stack: String
    let thread: Nullable<String>
    let at: Date
    let job: String
    let jobs: [String]
    let held: [String]
    let upstream: Nullable<String>
    let since: Nullable<Date>
    let lastKnownGood: Nullable<Point>
    let firstKnownBad: Nullable<Point>
    let ranges: [Range]
    let culprit: Nullable<Culprit>
    let firstError: Nullable<ErrorFields>
    let image: Nullable<BuildImage>
    let attempt: Nullable<String>
    let reproduce: Nullable<String>
    let mute: String
    let episode: Nullable<String>
    let issue: Nullable<String>
    let owners: [String]
    let url: Nullable<String>
    let title: String
    let text: String
    let markdown: String

    /// The document of `notice`.
    package init(_ notice: Notice) {
        key = notice.key
        kind = notice.kind.rawValue
        urgency = notice.urgency.rawValue
        audience = notice.audience.rawValue
        stack = notice.stack
        thread = Nullable(notice.thread)
        at = notice.at
        job = notice.job.description
        jobs = (notice.jobs + notice.held).sorted().map(\.description)
        held = notice.held.map(\.description)
        upstream = Nullable(notice.upstream)
        since = Nullable(notice.since)
        lastKnownGood = Nullable(notice.lastKnownGood.map(Point.init))
        firstKnownBad = Nullable(notice.firstKnownBad.map(Point.init))
        ranges = notice.ranges.map(Range.init)
        culprit = Nullable(notice.culprit.map(Culprit.init))
        firstError = Nullable(notice.firstError.map(ErrorFields.init))
        image = Nullable(notice.image.map { BuildImage(name: $0.name, digest: $0.digest) })
        attempt = Nullable(notice.attempt)
        reproduce = Nullable(notice.reproduceCommand)
        mute = notice.muteCommand
        episode = Nullable(notice.episode)
        issue = Nullable(notice.issue)
        owners = notice.owners
        url = Nullable(notice.page)
        title = notice.headline
        text = notice.text
        markdown = notice.markdown
    }
}

extension NoticeDocument {
    struct Point: Encodable, Sendable {
        let at: Date
        let revisions: [String: String]

        init(_ point: Notice.Point) { (at, revisions) = (point.at, point.revisions) }
    }

    struct Range: Encodable, Sendable {
        let project: String
        let from: Nullable<String>
        let to: Nullable<String>
        let repository: Nullable<String>
        let url: Nullable<String>

        init(_ range: Notice.Range) {
            project = range.project
            from = Nullable(range.from)
            to = Nullable(range.to)
            repository = Nullable(range.repository)
            url = Nullable(range.link)
        }
    }

    struct Culprit: Encodable, Sendable {
        let project: String
        let revision: String
        let parent: Nullable<String>
        let subject: Nullable<String>
        let author: Nullable<String>
        let confidence: Nullable<Double>
        let confirmed: Bool
        let url: Nullable<String>

        init(_ culprit: Notice.Culprit) {
            project = culprit.commit.project
            revision = culprit.commit.revision
            parent = Nullable(culprit.commit.parents?.first)
            subject = Nullable(culprit.commit.subject.map { SanitizedText.line($0, limit: 500) })
            author = Nullable(culprit.commit.author.map { SanitizedText.line($0, limit: 200) })
            confidence = Nullable(culprit.confidence)
            confirmed = culprit.isConfirmed
            url = Nullable(culprit.link)
        }
    }

    struct ErrorFields: Encodable, Sendable {
        let text: String
        let file: Nullable<String>
        let line: Nullable<Int>

        init(_ error: FirstError) {
            text = SanitizedText.line(error.text, limit: 500)
            file = Nullable(error.file.map { SanitizedText.line($0, limit: 300) })
            line = Nullable(error.line)
        }
    }

    struct BuildImage: Encodable, Sendable {
        let name: String
        let digest: String
    }
}

/// `canary.notice-digest/1`: several notices in one letter.
package struct NoticeDigestDocument: Document {
    package let schema = "canary.notice-digest/1"
    let key: String
    let urgency: String
    let stack: String
    let title: String
    let text: String
    let notices: [NoticeDocument]

    /// The document of `letter`.
    package init(_ letter: Letter) {
        key = letter.key
        urgency = letter.urgency.rawValue
        stack = letter.stack
        title = letter.title
        text = letter.text
        notices = letter.notices.map(NoticeDocument.init)
    }
}

/// A letter as JSON.
enum LetterDocument {
    /// The document of the one notice, or of all of them.
    static func document(_ letter: Letter) -> any Document {
        letter.single.map { NoticeDocument($0) } ?? NoticeDigestDocument(letter)
    }

    static func json(_ letter: Letter) throws -> String { try document(letter).json() }

    /// The same on one line.
    static func line(_ letter: Letter) throws -> String { try document(letter).json(onOneLine: true) }
}
