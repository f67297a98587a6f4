import ArgumentParser
import Contract
import Evaluation
import Files
import Imaging
import SystemPackage

/// `popcorn evaluate`: masks against their truth.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure lesion masks against the truth.",
    discussion: """
      --truth and --mask are two NIfTI masks, or two folders whose files pair up by name: the part before _mask, _dseg, \
      _seg or _FLAIR, or the whole name. Several raters: --truth for each, or NAME_mask1, NAME_mask2 beside each other in \
      one folder; figures are then means over raters. Undefined figures (a ratio whose masks are empty) are left out of \
      means.

      More is better: Dice, PPV (precision), TPR (sensitivity), Jaccard; LTPR, share of the truth's lesions that the mask \
      meets, and ISBI, the ISBI 2015 challenge's score without its correlation (lesions touch by faces or edges, any \
      overlap counts); SensL, PPVL and F1, of lesions above 3 mm³ as MSSEG 2016 detects them (lesions touch by faces, so \
      there may be more). Less is better: VD, difference of the volumes by the true one; LFPR, share of the mask's lesions \
      that meet none; ASSD and HD95, mean and 95th percentile of the distance between surfaces, mm. Of a cohort: bias and \
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

  func validate() throws {
    if let tsv, let lesions, FilePath(tsv).lexicallyNormalized() == FilePath(lesions).lexicallyNormalized() {
      throw ValidationError("--tsv and --lesions name one file")
    }
  }

  func run() throws {
    try reportingFaults {
      let pairing = MaskPairing(
        truths: truth.map { FilePath($0).lexicallyNormalized() },
        masks: ([mask] + compare).map { FilePath($0).lexicallyNormalized() })
      let cases = try pairing.cases()
      if let alone = firstAndMore(try pairing.masksWithoutTruth(beside: cases).map(\.string)) {
        standardError("not judged, no truth is there for it: \(alone)\n")
      }
      let inputs = cases.flatMap { $0.truths.map(\.path.string) + $0.masks.map(\.string) }
      let (figures, places) = (
        try tsv.map { try OutputFile($0, besides: inputs) }, try lesions.map { try OutputFile($0, besides: inputs) }
      )
      let report = EvaluationReport(try cases.map(Self.judge), others: compare)
      print(json ? try report.json : report.text)
      try figures?.write(Array(report.tsv.utf8))
      try places?.write(Array(report.lesions.utf8))
    }
  }

  /// Reads a case's files and compares every mask with every rater's.
  static func judge(_ pairing: MaskPairing.Case) throws -> EvaluationReport.Case {
    let truths = try pairing.truths.map { (rater: $0.rater, mask: try Judged($0.path)) }
    var judged: [EvaluationReport.Judgement] = []
    var others: [Double] = []
    for (place, path) in pairing.masks.enumerated() {
      let mask = try Judged(path)
      for truth in truths { try mask.shares(gridWith: truth.mask) }
      if place == 0 {
        judged = truths.map { truth in
          EvaluationReport.Judgement(
            rater: truth.rater, truth: truth.mask.path.string, mask: path.string,
            comparison: MaskComparison(
              truth: truth.mask.volume, mask: mask.volume, geometry: truth.mask.geometry))
        }
      } else {
        let dice = truths.map { VoxelOverlap(truth: $0.mask.volume.values, mask: mask.volume.values).dice }
        others.append(dice.reduce(0, +) / Double(dice.count))
      }
    }
    return EvaluationReport.Case(name: pairing.name, judgements: judged, otherDice: others)
  }
}

/// A mask that was read: 1 where the file has more than 0.5.
private struct Judged {
  let path: FilePath
  let volume: Volume<UInt8>
  let geometry: GridGeometry

  init(_ path: FilePath) throws {
    self.path = path
    let image: Image
    do {
      image = try NiftiFile.decode(try BoundedReader.read(path))
    } catch let rejection as Rejection {
      throw Fault(.dataError, "\(path) is no mask that can be read: \(rejection)")
    }
    let values = MaskValues(image.volume)
    if case .image(let least, let most) = values {
      throw Fault(
        .dataError,
        "\(path) is an image and no mask: it has many values, from \(Double(least).decimals(1)) to \(Double(most).decimals(1))"
      )
    }
    if let notice = values.notice { standardError("\(path) \(notice)\n") }
    volume = image.volume.mask(above: 0.5)
    geometry = image.geometry
  }

  /// Throws where the other mask has other voxels, or lies half a millimetre and more away.
  func shares(gridWith truth: Judged) throws {
    func words(_ size: GridSize) -> String { "\(size.x) x \(size.y) x \(size.z)" }
    guard volume.size == truth.volume.size else {
      throw Fault(
        .dataError,
        "\(path) has \(words(volume.size)) voxels, \(truth.path) has \(words(truth.volume.size)); masks are compared on "
          + "one grid")
    }
    let apart = geometry.cornerDisplacement(to: truth.geometry) ?? .infinity
    guard apart < 0.5 else {
      throw Fault(
        .dataError,
        "\(path) lies \(apart.decimals(1)) mm away from \(truth.path); masks are compared in one place")
    }
  }
}
