import CToml

/// A value of a TOML document, with the line that a message about it names.
struct TOMLNode {
  /// What it is.
  enum Content {
    case table([TOMLNode])
    case list([TOMLNode])
    case text(String)
    case integer(Int)
    case real(Double)
    case boolean(Bool)
    /// What no key of ours takes, such as a date; by name.
    case other(String)
  }

  /// Why a text is not TOML 1.0.
  struct Fault: Error {
    let words: String
    let line: Int
  }

  /// Its key; empty in a list and for the document itself.
  let key: String
  /// The line of its key, in a list its own; from 1.
  let line: Int
  let content: Content

  /// Reads a document: a table.
  init(document text: String) throws(Fault) {
    var values: [Value] = []
    var fault = ctoml_fault()
    var text = text
    let isRead = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        withUnsafeMutablePointer(to: &values) { values in
          ctoml_read(
            characters.baseAddress, characters.count, values,
            { values, value in
              guard let values, let value else { return }
              values.assumingMemoryBound(to: [Value].self).pointee.append(Value(value.pointee))
            }, &fault)
        }
      }
    }
    guard isRead else { throw Fault(words: Self.words(of: fault), line: Int(fault.line)) }
    var rest = values[...]
    self.init(taking: &rest)
  }

  /// The first value with all that is in it.
  private init(taking rest: inout ArraySlice<Value>) {
    let value = rest.removeFirst()
    key = value.key
    line = value.line
    content =
      switch value.content {
      case .table: .table((0..<value.count).map { _ in TOMLNode(taking: &rest) })
      case .list: .list((0..<value.count).map { _ in TOMLNode(taking: &rest) })
      default: value.content
      }
  }

  private static func words(of fault: ctoml_fault) -> String {
    withUnsafeBytes(of: fault.words) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// A value as the parser hands it over: what is in it comes after it.
private struct Value {
  let key: String
  let line: Int
  let count: Int
  let content: TOMLNode.Content

  init(_ value: ctoml_value) {
    key = Self.text(value.key, value.key_length)
    line = Int(value.line)
    count = value.count
    content =
      switch value.kind {
      case ctoml_table: .table([])
      case ctoml_array: .list([])
      case ctoml_text: .text(Self.text(value.text, value.text_length))
      case ctoml_integer: .integer(Int(value.integer))
      case ctoml_real: .real(value.real)
      case ctoml_boolean: .boolean(value.boolean)
      case ctoml_date: .other("date")
      case ctoml_time: .other("time")
      default: .other("date-time")
      }
  }

  private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
