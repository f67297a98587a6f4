import Contract
import Files
import SystemPackage

/// What STATUS.txt tells a person: written by the supervisor, read by anybody who sees the share.
public struct StatusReport: Sendable {
  /// A heading with its lines.
  public struct Section: Sendable {
    /// The heading.
    public var title: String
    /// Name and value, in order.
    public var lines: [(name: String, value: String)]
    /// A heading with its lines.
    public init(_ title: String, _ lines: [(name: String, value: String)]) {
      self.title = title
      self.lines = lines
    }
  }

  /// The study's name.
  public var study: String
  /// In one sentence, how things are: the same as systemd's STATUS.
  public var headline: String
  /// When this was true.
  public var time: Timestamp
  /// The rest.
  public var sections: [Section]

  /// A report.
  public init(study: String, headline: String, time: Timestamp, sections: [Section]) {
    self.study = study
    self.headline = headline
    self.time = time
    self.sections = sections
  }

  /// The file's text. Values start in one column.
  public var document: String {
    var text = "\(study): \(headline)\nas of \(time)\n"
    for section in sections {
      text += "\n\(section.title)\n"
      let width = section.lines.map(\.name.count).max() ?? 0
      for line in section.lines {
        let name = PrintableName.escape(Array(line.name.utf8))
        let gap = String(repeating: " ", count: max(0, width - line.name.count) + 2)
        text += "  \(name)\(gap)\(PrintableName.escape(Array(line.value.utf8)))\n"
      }
    }
    return text
  }
}

/// QUEUE.tsv: the pool in proximity order.
public struct QueueTable: Sendable {
  private let rows: [[String]]

  /// The table of `Ledger.queue()`.
  public init(_ queue: [(case: Case, proximity: ProximityFigures?)]) {
    rows = queue.enumerated().map { index, entry in
      [
        String(index + 1), entry.case.label, entry.case.state.rawValue,
        entry.proximity.map { String($0.sum) } ?? "n/a",
        entry.proximity?.nearest.first?.id ?? "n/a", entry.case.arrived.description,
      ]
    }
  }

  /// The file's text.
  public var document: String {
    ([["rank", "case", "state", "proximity", "nearest", "arrived"]] + rows)
      .map { $0.joined(separator: "\t") + "\n" }.joined()
  }
}

/// The status folder: its files are rewritten whole.
public struct StatusFolder: Sendable {
  private let directory: Directory

  /// The status folder.
  public init(_ directory: Directory) { self.directory = directory }

  /// Writes STATUS.txt.
  public func write(_ report: StatusReport) throws(FileFault) { try write(report.document, as: "STATUS.txt") }

  /// Writes QUEUE.tsv.
  public func write(_ queue: QueueTable) throws(FileFault) { try write(queue.document, as: "QUEUE.tsv") }

  /// Writes LABEL-NEXT.tsv.
  public func write(_ table: LabelNextTable) throws(FileFault) { try write(table.document, as: "LABEL-NEXT.tsv") }

  private func write(_ text: String, as name: FilePath) throws(FileFault) {
    try DurableFile.write(Array(text.utf8), as: name, in: directory, permissions: Outbox.filePermissions)
  }
}
