// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CanaryBisection
import CanaryModel
import CanaryText

extension TimeSpan: ExpressibleByArgument {
    /// Reads an option's value.
    package init?(argument: String) { self.init(argument) }
}

/// How a search is to go.
struct BisectionOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("How many probes go at once.", valueName: "n"))
    var jobs = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many probes the search may make; 4 log2(commits + 2) + 12 unless given.", valueName: "n"))
    var budget: Int?

    @Option(
        name: .long, help: ArgumentHelp("How probable a commit must be before it is named.", valueName: "probability"))
    var confidence = 0.99

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How often a good commit fails by accident, where that is known; saves probes.", valueName: "rate"))
    var flakeRate: Double?

    @Option(
        name: .long, help: ArgumentHelp("How often a bad commit passes by accident; 0.03.", valueName: "rate"))
    var missRate: Double?

    @Flag(name: .long, help: "All commits are equally suspect, whatever they touch.")
    var uniformPrior = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long to wait for an outage to pass when the good commit fails; doubled twice.", valueName: "duration"))
    var controlWait = TimeSpan.minutes(30)

    @Flag(name: .long, help: "Try parent and culprit twice more before the result is called confirmed.")
    var confirm = false

    @Flag(name: .long, help: "Begin anew, whatever was stored of this search.")
    var fresh = false

    func validate() throws {
        guard jobs >= 1, jobs <= 256 else { throw ValidationError("`--jobs \(jobs)`: expected 1 to 256") }
        if let budget, budget < 1 { throw ValidationError("`--budget \(budget)`: expected 1 or more") }
        guard confidence > 0.5, confidence < 1 else {
            throw ValidationError("`--confidence \(confidence)`: expected more than 0.5 and less than 1")
        }
        for (option, rate) in [("--flake-rate", flakeRate), ("--miss-rate", missRate)] {
            guard let rate, !(rate >= 0 && rate < 0.5) else { continue }
            throw ValidationError("`\(option) \(rate)`: expected 0 or more and less than 0.5")
        }
    }

    /// The settings these options stand for.
    ///
    /// - Parameter learned: the job's flake rate, where none is stated.
    func settings(learned: Double = 0) -> SearchSettings {
        var options = SearchOptions()
        options.workers = jobs
        options.budget = budget
        options.confidence = confidence
        options.isUniform = uniformPrior
        options.controlWait = controlWait
        options.confirms = confirm
        return SearchSettings(rates: SearchRates(learned: learned, flake: flakeRate, miss: missRate), options: options)
    }
}
