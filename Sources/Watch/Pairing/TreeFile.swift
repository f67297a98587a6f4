import Files
import SystemPackage

/// A file of a tree as the pairing rules see it: folder and stem as text, the path's bytes kept.
struct TreeFile: Sendable, Hashable {
  let path: FilePath
  /// The folders above, outermost first.
  let folders: [String]
  let stem: String
  let kind: FileKind
  /// Whether it is a brain mask: one file, or a pair.
  let isBrain: Bool
  /// Whether it is the `.img` of a pair: the header stands for both.
  let isVoxelHalf: Bool

  init(_ path: FilePath) {
    self.path = path
    let name = FileName(of: path)
    let folder = path.removingLastComponent()
    folders = folder.rawBytes.split(separator: UInt8(ascii: "/")).map(Text.of)
    stem = Text.of(name.stem)
    kind = name.kind(inFolder: FileName(of: folder).bytes)
    isBrain = name.isBrainMask(inFolder: FileName(of: folder).bytes)
    isVoxelHalf = name.isVoxelHalf
  }

  var place: StemPlace { StemPlace(folders: folders, stem: stem) }

  /// The place under the stem that is left without the words for FLAIR at its end.
  var corePlace: StemPlace { StemPlace(folders: folders, stem: Text.core(of: stem)) }
}

/// A stem in a folder; equal also where one is composed and the other decomposed Unicode.
struct StemPlace: Hashable {
  let folders: [String]
  let stem: String
}

/// Names as text.
enum Text {
  /// The text of a name's bytes. Bytes that are not UTF-8 become private characters, one each, so that different
  /// names stay
  /// different; canonically equivalent names compare equal, as `String` does.
  static func of(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return bytes.reduce(into: "") { text, byte in
      let scalar = byte < 0x80 ? Unicode.Scalar(UInt32(byte)) : Unicode.Scalar(0xE000 + UInt32(byte))
      text.unicodeScalars.append(scalar ?? "?")
    }
  }

  /// The maximal runs of letters and digits, in small letters.
  static func words(of text: String) -> [String] {
    text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
  }

  /// A stem without the words that say FLAIR, and that it was preprocessed, at its end; the stem itself where
  /// nothing else is left.
  static func core(of stem: String) -> String {
    var rest = stem
    while let short = droppingSuffix(of: rest, among: ["_flair", "-flair", ".flair", "_pp", "_brain"]) { rest = short }
    return rest
  }

  /// The text without the first of the suffixes that it ends in, whatever the case; nil where none fits or nothing
  /// would be left.
  static func droppingSuffix(of text: String, among suffixes: [String]) -> String? {
    let small = text.lowercased()
    for suffix in suffixes where small.count > suffix.count && small.hasSuffix(suffix) && small.count == text.count {
      return String(text.dropLast(suffix.count))
    }
    return nil
  }
}
