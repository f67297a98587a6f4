import Contract
import Files
import Glibc
import SystemPackage

/// The text left beside a user's file: what became of it, why, and what to do.
public struct Receipt: Sendable {
  /// The kinds of receipts, as they end a name.
  public enum Kind: String, Sendable, CaseIterable {
    /// Taken.
    case accepted = "ACCEPTED"
    /// Cannot be used as it is.
    case rejected = "REJECTED"
    /// Waits for a person.
    case held = "HELD"
    /// Known already.
    case duplicate = "DUPLICATE"
  }

  /// What became of the file.
  public var kind: Kind
  /// Why.
  public var reason: ReasonCode?
  /// The reason in a sentence (`ReasonCode.explanation`).
  public var explanation: String?
  /// What to do about it (`ReasonCode.remedy`).
  public var remedy: String?
  /// The measured numbers.
  public var numbers: [Verdict.Number]
  /// What was changed on the private copy, and what is unusual.
  public var notes: [String]
  /// The case's label.
  public var caseLabel: String?
  /// Where the mask is or will be, beneath the study's root.
  public var maskPath: FilePath?
  /// More lines: the candidates of an ambiguous pair, how to release a held file.
  public var lines: [String]

  /// A receipt.
  public init(
    _ kind: Kind, reason: ReasonCode? = nil, explanation: String? = nil, remedy: String? = nil,
    numbers: [Verdict.Number] = [], notes: [String] = [], caseLabel: String? = nil, maskPath: FilePath? = nil,
    lines: [String] = []
  ) {
    self.kind = kind
    self.reason = reason
    self.explanation = explanation
    self.remedy = remedy
    self.numbers = numbers
    self.notes = notes
    self.caseLabel = caseLabel
    self.maskPath = maskPath
    self.lines = lines
  }

  /// The receipt's text for the file called `name`. A name cannot forge a line: what is not printable is escaped.
  public func text(for name: FilePath) -> String {
    var lines = ["\(PrintableName(name)): \(Receipt.headline(kind))"]
    if let reason { lines.append("Reason: \(reason.rawValue)") }
    if let explanation { lines.append(explanation) }
    if !numbers.isEmpty {
      lines += ["", "Measured:"] + numbers.map { "  \($0.name): \($0.value)" }
    }
    if !notes.isEmpty { lines += ["", "Noted:"] + notes.map { "  \($0)" } }
    if let remedy { lines += ["", "What to do: \(remedy)"] }
    if caseLabel != nil || maskPath != nil { lines.append("") }
    if let caseLabel { lines.append("Case: \(caseLabel)") }
    if let maskPath { lines.append("Mask: \(PrintableName(maskPath))") }
    if !self.lines.isEmpty { lines += [""] + self.lines }
    return lines.map { PrintableName.escape(Array($0.utf8)) }.joined(separator: "\n") + "\n"
  }

  /// The name of the receipt for the file called `name`; the `number`th where others are taken (from 1). A name that
  /// would pass 255 bytes is shortened, never within a UTF-8 character.
  public func name(for name: FilePath, number: Int = 1) -> FilePath {
    let ending = Array((number == 1 ? ".\(kind.rawValue).txt" : ".\(kind.rawValue).\(number).txt").utf8)
    return FilePath(rawBytes: FileNames.shortened(name.lastBytes, to: FileNames.limit - ending.count) + ending)
  }

  /// Writes the receipt for the file called `name` into `folder`: beside what is there, never over it. Where the very
  /// same receipt is there already nothing is written. Answers its name.
  @discardableResult
  public func write(for name: FilePath, in folder: Directory) throws(FileFault) -> FilePath {
    let content = Array(text(for: name).utf8)
    for number in 1...FileNames.attempts {
      let receipt = self.name(for: name, number: number)
      do {
        try DurableFile.write(content, as: receipt, in: folder, existing: .refuse)
        return receipt
      } catch  where error.errno == .fileExists {
        if try Receipt.content(of: receipt, in: folder, limit: content.count) == content { return receipt }
      }
    }
    throw FileFault("write a receipt for", name, .fileExists)
  }

  /// Whether a receipt of this kind about the same case lies there for the file called `name`. It may say more than this one:
  /// what was noted is not known any more after a crash.
  public func isThere(for name: FilePath, in folder: Directory) -> Bool {
    let headline = text(for: name).prefix { $0 != "\n" }
    return places(for: name, in: folder).contains { place in
      guard let content = try? Receipt.content(of: place, in: folder, limit: Self.longest) else { return false }
      let lines = String(decoding: content, as: UTF8.self).split(separator: "\n")
      return lines.first == headline && caseLabel.map({ lines.contains("Case: \($0)") }) != false
    }
  }

  /// The names of all receipts of this kind for the file called `name` that lie there.
  private func places(for name: FilePath, in folder: Directory) -> [FilePath] {
    var (places, missing) = ([FilePath](), 0)
    for number in 1...FileNames.attempts {
      let place = self.name(for: name, number: number)
      if let file = try? folder.open(place) {
        try? file.close()
        places.append(place)
      } else {
        missing += 1
        if missing > Self.mostMissing { break }
      }
    }
    return places
  }

  /// Takes back the receipts of this kind for the file called `name`, or those for one reason: what they ask for is
  /// done. Only what is a receipt of ours goes: by its owner and its first lines.
  public static func withdraw(
    _ kind: Kind, because reason: ReasonCode? = nil, for name: FilePath, from folder: Directory
  ) {
    let receipt = Receipt(kind, reason: reason)
    let mark = Array(receipt.text(for: name).utf8)
    for place in receipt.places(for: name, in: folder) {
      guard let file = try? folder.open(place) else { continue }
      defer { try? file.close() }
      var status = stat()
      guard fstat(file.rawValue, &status) == 0, status.st_uid == geteuid(),
        let content = try? BoundedReader.read(file, limit: longest, path: place), content.starts(with: mark)
      else { continue }
      _ = place.withPlatformString { unlinkat(folder.descriptor.rawValue, $0, 0) }
    }
  }

  /// Receipts that were taken back leave as many gaps in the numbers as this, and no more.
  private static let mostMissing = 3

  /// Bytes beyond which a text is no receipt.
  private static let longest = 1 << 16

  private static func content(of name: FilePath, in folder: Directory, limit: Int) throws(FileFault) -> [UInt8]? {
    do {
      let file = try folder.open(name)
      defer { try? file.close() }
      return try BoundedReader.read(file, limit: limit, path: name)
    } catch {
      // A link, a folder, another size: not this receipt.
      return nil
    }
  }

  private static func headline(_ kind: Kind) -> String {
    switch kind {
    case .accepted: "accepted."
    case .rejected: "cannot be used as it is. Nothing was deleted."
    case .held: "waits for a person. Nothing was deleted."
    case .duplicate: "is known already. Nothing was deleted."
    }
  }
}

/// A name as it may be printed: whatever its bytes are, it is one line and cannot be mistaken for another's.
public struct PrintableName: CustomStringConvertible {
  /// The name, with `\n`, `\xE4` and the like where it is not printable.
  public let description: String

  /// The printable form of a path.
  public init(_ path: FilePath) { description = PrintableName.escape(path.rawBytes) }

  /// Escapes control characters and what is not UTF-8.
  static func escape(_ bytes: [UInt8]) -> String {
    var text = ""
    var rest = bytes[...]
    while let byte = rest.first {
      let length = byte < 0x80 ? 1 : byte < 0xc0 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : 0
      let piece = rest.prefix(max(1, length))
      if length > 0, let character = String(validating: piece, as: UTF8.self),
        let scalar = character.unicodeScalars.first, isPrintable(scalar)
      {
        text += character
        rest = rest.dropFirst(length)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "\\x" + (digits.count == 1 ? "0" : "") + digits
        rest = rest.dropFirst()
      }
    }
    return text
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
    default: true
    }
  }
}

/// Names that must fit and must not collide.
enum FileNames {
  /// NAME_MAX of Linux.
  static let limit = 255
  /// How many numbered names are tried.
  static let attempts = 10_000

  /// The name cut to `count` bytes, not within a UTF-8 character.
  static func shortened(_ name: [UInt8], to count: Int) -> [UInt8] {
    guard name.count > count else { return name }
    var end = count
    while end > 0, name[end] & 0xc0 == 0x80 { end -= 1 }
    return Array(name[..<end])
  }

  /// `scan.nii.gz` becomes `scan.2.nii.gz`: the ending that programs look at stays.
  static func numbered(_ name: [UInt8], _ number: Int) -> [UInt8] {
    guard number > 1 else { return shortened(name, to: limit) }
    let endings = [".nii.gz", ".nii", ".hdr", ".img", ".seg.nrrd", ".nrrd", ".gz"].map { Array($0.utf8) }
    let lowercase = name.map { (65...90).contains($0) ? $0 + 32 : $0 }
    let ending = endings.first { lowercase.count > $0.count && lowercase.suffix($0.count).elementsEqual($0) }
    let count = ending?.count ?? 0
    let middle = Array(".\(number)".utf8)
    let stem = shortened(Array(name.dropLast(count)), to: limit - count - middle.count)
    return stem + middle + name.suffix(count)
  }
}

extension FilePath {
  /// The bytes of the last component.
  var lastBytes: [UInt8] {
    guard let last = lastComponent else { return [] }
    return FilePath(root: nil, [last]).rawBytes
  }
}
