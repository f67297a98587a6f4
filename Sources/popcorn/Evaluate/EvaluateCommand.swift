import ArgumentParser
import Contract
import Evaluation
import Files
import Imaging
import SystemPackage
import Terminal

/// `popcorn evaluate`: masks against their truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure lesion masks against the truth.",
    discussion: """
      --truth and --mask are two NIfTI masks, or two folders whose files pair up by name: the part before _mask, _lesion, _seg, \
      _dseg and the like, or the whole name; of BIDS names also before _space, _label and _desc, in the subjects' folders too \
      (what is not of lesions by its label, and what the service keeps of former generations, is left out). A \
      mask may be named NAME_FLAIR as its scan is; a truth may not. Several raters: --truth for each, or NAME_mask1, NAME_mask2 \
      beside each other in one folder; figures are then means over those raters who drew the case, and the raters' Dice among themselves is said. Undefined figures (a ratio whose masks are empty) are \
      left out of means; where there are any, a line below the means says over how many cases each is.

      More is better: Dice, PPV (precision), TPR (sensitivity), Jaccard; LTPR, share of the truth's lesions that the mask \
      meets, and ISBI, the ISBI 2015 challenge's score without its correlation (lesions touch by faces or edges, any \
      overlap counts; of a cohort that of the mean figures, and with the correlation of volumes); SensL, PPVL and F1, of lesions above 3 mm³ as MSSEG 2016 detects them (lesions touch by faces, so \
      there may be more). Less is better: VD, difference of the volumes by the true one; LFPR, share of the mask's lesions \
      that meet none; ASSD and HD95, mean and 95th percentile of the distance between surfaces, mm, of both ways together (other programs take the greater \
      of two percentiles). Of a cohort: bias and \
      SD of mask minus truth with their limits of agreement (from, to; Bland and Altman), Pearson's and Lin's correlation.
      """)

  @Option(help: "The true mask, or a folder of them. Once for each rater.")
  var truth: [String]
  @Option(help: "The mask to judge, or a folder of them.")
  var mask: String
  @Option(
    help: "Masks of another method: is its Dice different (Wilcoxon's signed ranks, two-sided)? Once for each method.")
  var compare: [String] = []
  @Flag(help: "Print JSON.")
  var json = false
  @Option(help: "Also write the figures here: a row for each case and rater, n/a where one is undefined.")
  var tsv: String?
  @Option(help: "Also write each lesion of truth and mask here, with its place and whether the other mask meets it.")
  var lesions: String?

  func run() throws {
    try reportingFaults {
      let pairing = MaskPairing(
        truths: truth.map { FilePath($0).lexicallyNormalized() },
        masks: ([mask] + compare).map { FilePath($0).lexicallyNormalized() })
      let cases = try pairing.cases()
      if let alone = firstAndMore(try pairing.masksWithoutTruth(beside: cases).map(\.string)) {
        standardError("not judged, no truth is there for it: \(alone)\n")
      }
      for (rater, left) in MaskPairing.undrawn(in: cases) {
        if let left = firstAndMore(left) { standardError("no mask by \(rater), so judged by the others': \(left)\n") }
      }
      let inputs = cases.flatMap { $0.truths.map(\.path.string) + $0.masks.map(\.string) }
      let figures = try tsv.map { try TableFile($0, besides: inputs, heads: EvaluationReport.heads) }
      let places = try lesions.map { try TableFile($0, besides: inputs, heads: EvaluationReport.lesionHeads) }
      if let tsv, let lesions, absolute(real: tsv) == absolute(real: lesions) {
        throw Fault(.usage, "--tsv and --lesions name one file")
      }
      let report = EvaluationReport(try Self.judge(cases), others: compare)
      // Files first: whoever reads the output may be gone.
      try figures?.write(report.tsv)
      try places?.write(report.lesions)
      try standardOutput(json ? try report.json : report.text)
    }
  }

  /// All cases, or a word of every one that cannot be judged: who has two hundred does not want to hear of one at a time.
  static func judge(_ pairings: [MaskPairing.Case]) throws -> [EvaluationReport.Case] {
    var judged: [EvaluationReport.Case] = []
    var faults: [Fault] = []
    for pairing in pairings {
      do { judged.append(try judge(pairing)) } catch { faults.append(Fault(error)) }
    }
    guard let first = faults.first else { return judged }
    throw Fault(first.code, faults.map(\.description).joined(separator: "\n"))
  }

  /// Reads a case's files and compares every mask with every rater's.
  static func judge(_ pairing: MaskPairing.Case) throws -> EvaluationReport.Case {
    let truths = try pairing.truths.map { (rater: $0.rater, mask: try JudgedMask($0.path)) }
    var judged: [EvaluationReport.Judgement] = []
    var others: [Double] = []
    // Among themselves raters are compared on the judged mask's grid: two who each lie where it does may be farther apart.
    var drawn: [(rater: String, values: [UInt8])] = []
    for (place, path) in pairing.masks.enumerated() {
      let mask = try JudgedMask(path)
      let pairs = try truths.map { (truth: $0, mask: try mask.volume(against: $0.mask)) }
      if place == 0 {
        drawn = try truths.map { ($0.rater, try $0.mask.volume(onGridOf: mask).volume.values) }
        judged = pairs.map { truth, volume in
          EvaluationReport.Judgement(
            rater: truth.rater, truth: truth.mask.path.string, mask: path.string,
            comparison: MaskComparison(truth: truth.mask.volume, mask: volume, geometry: truth.mask.geometry))
        }
      } else {
        let dice = pairs.map { VoxelOverlap(truth: $0.truth.mask.volume.values, mask: $0.mask.values).dice }
        others.append(dice.reduce(0, +) / Double(dice.count))
      }
    }
    var entry = EvaluationReport.Case(name: pairing.name, judgements: judged, otherDice: others)
    for (place, first) in drawn.enumerated() {
      entry.raterDice += drawn.dropFirst(place + 1).map { second in
        (first.rater, second.rater, VoxelOverlap(truth: first.values, mask: second.values).dice)
      }
    }
    return entry
  }
}
