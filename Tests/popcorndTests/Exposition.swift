/// Reads the Prometheus text format 0.0.4 as its specification has it, and says what `promtool check metrics` would not
/// like. Written from the specification, not from what is tested.
struct Exposition {
  struct Sample: Hashable {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  private(set) var types: [String: String] = [:]
  private(set) var samples: [Sample] = []
  private(set) var complaints: [String] = []

  init(_ text: String) {
    if !text.isEmpty, text.last != "\n" { complaints.append("no newline at the end") }
    var helped: Set<String> = []
    var closed: Set<String> = []
    var current = ""
    for line in text.split(separator: "\n").map({ String($0) }) {
      let words = line.split(separator: " ", maxSplits: 3).map { String($0) }
      if line.hasPrefix("# HELP ") || line.hasPrefix("# TYPE ") {
        guard words.count == 4 else {
          complaints.append("a comment without text: \(line)")
          continue
        }
        let name = words[2]
        if name != current {
          closed.insert(current)
          if closed.contains(name) { complaints.append("\(name) comes in pieces") }
          current = name
        }
        if words[1] == "HELP" {
          if !helped.insert(name).inserted { complaints.append("\(name) is explained twice") }
        } else {
          if types[name] != nil { complaints.append("\(name) has two types") }
          types[name] = words[3]
        }
      } else if line.hasPrefix("#") {
        complaints.append("a comment of another kind: \(line)")
      } else {
        take(line, current)
      }
    }
    for (name, type) in types {
      if !helped.contains(name) { complaints.append("\(name) is not explained") }
      if !["counter", "gauge", "histogram", "summary"].contains(type) { complaints.append("\(name) is a \(type)") }
      if (type == "counter") != name.hasSuffix("_total") { complaints.append("\(name) is a \(type)") }
      if type == "histogram" { check(histogram: name) }
    }
    if Set(samples.map { Key(name: $0.name, labels: $0.labels) }).count != samples.count {
      complaints.append("a sample comes twice")
    }
  }

  /// The value of the sample that has these labels among its own.
  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    samples.first { sample in
      sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
    }?.value
  }

  private struct Key: Hashable {
    let name: String
    let labels: [String: String]
  }

  private mutating func take(_ line: String, _ family: String) {
    var rest = Substring(line)
    let name = String(rest.prefix { $0 == "_" || $0 == ":" || $0.isASCII && ($0.isLetter || $0.isNumber) })
    rest.removeFirst(name.count)
    var labels: [String: String] = [:]
    if rest.first == "{" {
      rest.removeFirst()
      while let first = rest.first, first != "}" {
        let label = String(rest.prefix { $0 != "=" })
        rest.removeFirst(min(rest.count, label.count + 2))
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
          guard character == "\\" else {
            value.append(character)
            continue
          }
          switch rest.popFirst() {
          case "n": value.append("\n")
          case "\\": value.append("\\")
          case "\"": value.append("\"")
          default: complaints.append("an escape that is none: \(line)")
          }
        }
        if labels.updateValue(value, forKey: label) != nil { complaints.append("\(label) twice: \(line)") }
        if rest.first == "," { rest.removeFirst() }
      }
      if rest.popFirst() != "}" { complaints.append("labels without an end: \(line)") }
    }
    guard rest.first == " ", let value = number(String(rest.dropFirst())) else {
      complaints.append("no value, or a timestamp: \(line)")
      return
    }
    let suffixes =
      switch types[family] {
      case "histogram": ["_bucket", "_sum", "_count"]
      case "summary": ["_sum", "_count"]
      default: [""]
      }
    if !suffixes.contains(where: { name == family + $0 }) { complaints.append("\(name) is not of \(family)") }
    samples.append(Sample(name: name, labels: labels, value: value))
  }

  private func number(_ text: String) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
  }

  private mutating func check(histogram name: String) {
    let buckets = samples.filter { $0.name == name + "_bucket" }.map { sample in
      (bound: number(sample.labels["le"] ?? "") ?? .nan, count: sample.value)
    }
    let bounds = buckets.map(\.bound)
    if bounds != bounds.sorted() || bounds.last != .infinity { complaints.append("bounds of \(name): \(bounds)") }
    let counts = buckets.map(\.count)
    if counts != counts.sorted() || counts.last != value(name + "_count") {
      complaints.append("counts of \(name): \(counts)")
    }
  }
}
