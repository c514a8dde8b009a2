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
    let lastKnownGood: Nullable<RevisionVector>
    let firstKnownBad: Nullable<RevisionVector>
    let ranges: [Range]
    let culprit: Nullable<Culprit>
    let firstError: Nullable<ErrorFields>
    let image: Nullable<Notice.BuildImage>
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
        lastKnownGood = Nullable(notice.lastKnownGood)
        firstKnownBad = Nullable(notice.firstKnownBad)
        ranges = notice.ranges.map(Range.init)
        culprit = Nullable(notice.culprit.map(Culprit.init))
        firstError = Nullable(notice.firstError.map(ErrorFields.init))
        image = Nullable(notice.image)
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
}

/// `canary.notice-digest/1`: several notices in one batch.
package struct NoticeDigestDocument: Document {
    package let schema = "canary.notice-digest/1"
    let key: String
    let urgency: String
    let stack: String
    let title: String
    let text: String
    let notices: [NoticeDocument]

    /// The document of `batch`.
    package init(_ batch: NoticeBatch) {
        key = batch.key
        urgency = batch.urgency.rawValue
        stack = batch.stack
        title = batch.title
        text = batch.text
        notices = batch.notices.map(NoticeDocument.init)
    }
}

extension NoticeBatch {
    /// The document of its only notice, or of all of them.
    var document: any Document { single.map { NoticeDocument($0) } ?? NoticeDigestDocument(self) }
}
