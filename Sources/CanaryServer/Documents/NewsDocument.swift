// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
package import CanaryModel
import CanaryText
package import Foundation

/// JSON Feed 1.1 (https://jsonfeed.org/version/1.1): one item for each change of verdict that was news.
package struct NewsDocument: Encodable, Sendable {
    /// The extension of the feed.
    struct Extension: Encodable, Sendable {
        let schema = "canary.feed/1"
        let generatedAt: Nullable<Date>
        let nextRunBy: Nullable<Date>
        let stack: String
    }

    struct Item: Encodable, Sendable {
        let id: String
        let url: String
        let title: String
        let contentText: String
        let datePublished: Date
        let tags: [String]
        let transition: TransitionExtension

        private enum CodingKeys: String, CodingKey {
            case id, url, title, tags
            case contentText = "content_text"
            case datePublished = "date_published"
            case transition = "_canary"
        }
    }

    /// The extension of an item.
    struct TransitionExtension: Encodable, Sendable {
        let run: String
        let job: String
        let from: String
        let to: String
        let at: Date
        let episode: Nullable<String>
        let firstError: Nullable<OutcomeFields.Error>
        let culprit: Nullable<CulpritFields>
    }

    /// The most items in the feed; older ones are in `canary history`.
    package static let length = 100

    let version = "https://jsonfeed.org/version/1.1"
    let title: String
    let homePageURL: String
    let feedURL: String
    let language = "en"
    let about: Extension
    let items: [Item]

    private enum CodingKeys: String, CodingKey {
        case version, title, language, items
        case homePageURL = "home_page_url"
        case feedURL = "feed_url"
        case about = "_canary"
    }

    /// The feed of `news`, newest first.
    package init(stack: Stack, news: [TransitionNews], lastChange: Date?) {
        let links = SiteLinks(stack.siteURL)
        title = stack.title
        homePageURL = links.home
        feedURL = links.feed
        about = Extension(
            generatedAt: Nullable(lastChange), nextRunBy: Nullable(stack.nextRun(after: lastChange)),
            stack: stack.name)
        items = news.prefix(Self.length).map { Item($0, links: links) }
    }
}

extension NewsDocument.Item {
    fileprivate init(_ news: TransitionNews, links: SiteLinks) {
        let transition = news.transition
        // A job changes its verdict at most once in a run.
        id = "\(transition.run)/\(transition.job)"
        url = links.page(of: transition.job)
        title = "\(transition.job): \(Self.word(for: transition))"
        let error = news.firstError.map { "\nFirst error: \($0.text)" } ?? ""
        let culprit = news.culprit.map { "\nCulprit: \($0.sentence)" } ?? ""
        contentText =
            "\(transition.from.rawValue) -> \(transition.to.rawValue) in run \(transition.run).\(error)\(culprit)"
        datePublished = transition.at
        tags = [transition.job.project, transition.job.variant, transition.job.lane.rawValue, transition.to.rawValue]
        self.transition = NewsDocument.TransitionExtension(
            run: transition.run, job: transition.job.description, from: transition.from.rawValue,
            to: transition.to.rawValue, at: transition.at, episode: Nullable(transition.episode),
            firstError: Nullable(news.firstError.map(OutcomeFields.Error.init)),
            culprit: Nullable(news.culprit.map(CulpritFields.init)))
    }

    private static func word(for transition: Transition) -> String {
        switch (transition.from, transition.to) {
        case (.broken, .passing): "recovered"
        case (.suspected, .passing): "healed by itself"
        default: transition.to.rawValue
        }
    }
}

extension Stack {
    /// The latest start of the next run after `date` if the daemon is running; nil without a schedule.
    package func nextRun(after date: Date?) -> Date? {
        guard let date else { return nil }
        let own = variants.map(\.schedule)
        let schedules = own.contains(nil) ? own + [operation.schedule] : own
        return schedules.compactMap { $0?.next(after: date) }.min()
    }
}
