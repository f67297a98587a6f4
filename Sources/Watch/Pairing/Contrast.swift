import FoundationEssentials

/// What kind of image a scan's name and sidecar say it is.
public enum Contrast: Sendable, Hashable {
  /// FLAIR.
  case flair
  /// Another contrast, by this word: skipped and counted.
  case other(String)
  /// Nothing says: `assume_flair` decides.
  case unknown

  /// Longer sidecars are not read.
  public static let longestSidecar = 1 << 20

  /// The contrast by the file's name, and by the text of the JSON file beside it where the name says nothing.
  public init(name: FileName, sidecar: [UInt8]? = nil) {
    self = Contrast(stem: Text.of(name.stem))
    if self == .unknown, let sidecar { self = Contrast(sidecar: sidecar) }
  }

  init(stem: String) {
    if let bids = BIDSName(stem: stem) {
      let suffix = bids.suffix.lowercased()
      if suffix == "flair" { self = .flair; return }
      // A derivative's suffix (`desc-preproc_T1w` keeps it, `_mask` does not) is no contrast.
      if let word = Contrast.word(suffix) { self = .other(word); return }
    }
    self.init(text: stem)
  }

  /// A time point such as `-t1` at the very end says nothing about the contrast.
  private init(text: String) {
    let words = Text.words(of: text)
    if words.contains(where: { $0.contains("flair") }) {
      self = .flair
      return
    }
    let timeless =
      words.last.map { text.hasSuffix("-\($0)") && TimePoint.isWord($0) } == true ? words.dropLast() : words[...]
    self = timeless.lazy.compactMap(Contrast.word).first.map(Contrast.other) ?? .unknown
  }

  private init(sidecar: [UInt8]) {
    guard sidecar.count <= Contrast.longestSidecar else { self = .unknown; return }
    let fields = try? JSONDecoder().decode(Fields.self, from: Data(sidecar))
    for text in [fields?.series, fields?.protocolName, fields?.sequence] {
      guard let text else { continue }
      let contrast = Contrast(text: text)
      if contrast != .unknown {
        self = contrast
        return
      }
    }
    // The inversion that nulls fluid: 1.6 s to 2.9 s at 1.5 T and 3 T; MPRAGE has about 1 s.
    self = fields?.inversion.map { (1.5...3.5).contains($0) } == true ? .flair : .unknown
  }

  private struct Fields: Decodable {
    var series: String?
    var protocolName: String?
    var sequence: String?
    var inversion: Double?

    private enum Key: String, CodingKey {
      case series = "SeriesDescription"
      case protocolName = "ProtocolName"
      case sequence = "SequenceName"
      case inversion = "InversionTime"
    }

    // A field of another type than it should have says nothing, and hides no other.
    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      series = try? fields.decode(String.self, forKey: .series)
      protocolName = try? fields.decode(String.self, forKey: .protocolName)
      sequence = try? fields.decode(String.self, forKey: .sequence)
      inversion = try? fields.decode(Double.self, forKey: .inversion)
    }
  }

  private static func word(_ word: String) -> String? { others.contains(word) ? word : nil }

  private static let others: Set<String> = [
    "t1", "t1w", "t1c", "t1ce", "t1gd", "t1post", "t1map", "mprage", "mp2rage", "spgr", "bravo", "unit1", "t2", "t2w",
    "t2map",
    "t2star", "t2starw", "pd", "pdw", "pdt2", "inplanet1", "inplanet2", "bold", "cbv", "sbref", "epi", "fmri", "rest",
    "dwi",
    "dti", "adc", "fa", "trace", "asl", "m0scan", "perf", "swi", "qsm", "mag", "phase", "angio", "tof", "mra", "mtr",
    "mtw",
    "ct", "pet", "localizer", "scout",
  ]
}
