import Contract
import Files
import SystemPackage

/// A `pairs.tsv`: which label belongs to which image, said by whoever dropped them. Columns `image label [rater]
/// [subject]
/// [session]`, in any order under a heading, in this one without.
public struct PairsTable: Sendable {
  /// What it is called, whatever the case.
  public static let name = "pairs.tsv"
  /// A longer file is not read past this.
  public static let longestFile = 16 << 20
  /// A longer line is refused.
  public static let longestLine = 16 << 10

  /// A line that says something.
  public struct Row: Sendable, Hashable {
    /// The scan, relative to the tree.
    public var image: FilePath
    /// Its label, relative to the tree.
    public var label: FilePath
    /// Who drew it.
    public var rater: String?
    /// The subject key.
    public var subject: String?
    /// The session key.
    public var session: String?
  }

  /// A line that was refused.
  public struct Refusal: Sendable, Hashable {
    /// What is wrong with a line.
    public enum Fault: Sendable {
      /// A path leads out of the folder.
      case escape
      /// No tab is in it: spaces or commas were taken to part the columns.
      case noTabs
      /// The image or the label is not named.
      case unnamed
      /// Image and label are one file.
      case same
      /// It is no text, or longer than a line may be.
      case notText
    }

    /// Counted from 1.
    public var line: Int
    /// What is wrong with it.
    public var fault: Fault

    /// `PATH_ESCAPE` for a path that leads out of the folder; nil for a line that is not readable as one.
    public var reason: ReasonCode? { fault == .escape ? .pathEscape : nil }
  }

  /// Lines that say something.
  public private(set) var rows: [Row] = []
  /// Lines that do not.
  public private(set) var refusals: [Refusal] = []

  /// Reads the bytes of a table that lies in `folder` (relative to the tree). Never fails: what is wrong is refused
  /// line by line.
  public init(_ bytes: [UInt8], in folder: FilePath) {
    var columns = ["image", "label", "rater", "subject", "session"]
    let text = bytes.prefix(Self.longestFile)
    let content = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text
    var number = 0
    for line in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      // A spreadsheet leaves lines of nothing but tabs.
      if line.allSatisfy({ $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }) { continue }
      guard line.count <= Self.longestLine, !line.contains(0) else {
        refusals.append(Refusal(line: number, fault: .notText))
        continue
      }
      guard line.contains(UInt8(ascii: "\t")) else {
        refusals.append(Refusal(line: number, fault: .noTabs))
        continue
      }
      let cells = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      let words = cells.map { Text.of($0).lowercased() }
      if number == 1, words.contains("image"), words.contains("label") {
        columns = words
        continue
      }
      read(cells, columns, in: folder, line: number)
    }
  }

  private mutating func read(_ cells: [ArraySlice<UInt8>], _ columns: [String], in folder: FilePath, line: Int) {
    func cell(_ column: String) -> ArraySlice<UInt8>? {
      guard let index = columns.firstIndex(of: column), index < cells.count else { return nil }
      let cell = cells[index].drop { $0 == UInt8(ascii: " ") }
      let trimmed = cell.prefix(cell.count - cell.reversed().prefix { $0 == UInt8(ascii: " ") }.count)
      return trimmed.isEmpty || trimmed.elementsEqual("n/a".utf8) ? nil : trimmed
    }
    guard let image = cell("image"), let label = cell("label") else {
      return refusals.append(Refusal(line: line, fault: .unnamed))
    }
    guard let image = Self.path(image, in: folder), let label = Self.path(label, in: folder) else {
      return refusals.append(Refusal(line: line, fault: .escape))
    }
    guard image != label else { return refusals.append(Refusal(line: line, fault: .same)) }
    rows.append(
      Row(
        image: image, label: label, rater: cell("rater").map(Text.of), subject: cell("subject").map(Text.of),
        session: cell("session").map(Text.of)))
  }

  private static func path(_ bytes: ArraySlice<UInt8>, in folder: FilePath) -> FilePath? {
    let path = FilePath(rawBytes: bytes)
    guard path.isRelative, !path.components.contains(where: { $0.kind == .parentDirectory }) else { return nil }
    let plain = path.components.filter { $0.kind == .regular }
    return plain.isEmpty ? nil : folder.appending(plain)
  }
}
