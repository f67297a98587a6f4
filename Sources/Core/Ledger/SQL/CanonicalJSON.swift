import FoundationEssentials

/// JSON with sorted keys and no blanks: equal values have equal bytes.
enum CanonicalJSON {
  static func encode(_ content: some Encodable) throws(LedgerFault) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(content), as: UTF8.self)
    } catch {
      throw .damaged("a record cannot be written as JSON: \(error)")
    }
  }

  static func decode<Content: Decodable>(_ text: String) throws(LedgerFault) -> Content {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(Content.self, from: Data(text.utf8))
    } catch {
      throw .damaged("a record in the ledger is not the JSON that was written: \(error)")
    }
  }
}
