import Glibc

/// Names that other programs leave in shares: never looked at, never descended into, only counted.
public struct IgnoreList: Sendable {
  /// Patterns that hold for files and directories alike (fnmatch(3), without regard to case).
  public static let anything = [
    ".*", "~*", "*~", "thumbs.db", "desktop.ini", "*.tmp", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.swp",
    "lost+found", "*:zone.identifier",
  ]
  /// Patterns that hold for directories.
  public static let directories = ["@eadir", "#recycle"]
  /// Patterns that hold for files: words beside images, among them our own receipts.
  public static let files = ["*.bval", "*.bvec", "*.txt", "*.md"]

  private let forDirectories: [Pattern]
  private let forFiles: [Pattern]

  /// The built-in list, and the operator's own patterns for files and directories.
  public init(globs: [String] = []) {
    forDirectories = (Self.anything + Self.directories + globs).map(Pattern.init)
    forFiles = (Self.anything + Self.files + globs).map(Pattern.init)
  }

  /// The pattern by which a file of this name is ignored; nil where it is not.
  public func pattern(forFile name: FileName) -> String? { Self.first(of: forFiles, matching: name) }

  /// The pattern by which a directory of this name is ignored; nil where it is not.
  public func pattern(forDirectory name: FileName) -> String? { Self.first(of: forDirectories, matching: name) }

  private static func first(of patterns: [Pattern], matching name: FileName) -> String? {
    let subject = name.lowercased.map { CChar(bitPattern: $0) } + [0]
    return patterns.first { fnmatch($0.lowercased, subject, 0) == 0 }?.text
  }

  private struct Pattern: Sendable {
    let text: String
    let lowercased: [CChar]

    init(_ text: String) {
      self.text = text
      lowercased = FileName(text.utf8).lowercased.map { CChar(bitPattern: $0) } + [0]
    }
  }
}
