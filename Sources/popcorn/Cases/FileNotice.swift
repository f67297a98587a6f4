/// What a person should know of how a file is taken.
struct FileNotice: Hashable {
  var path: String
  /// What comes after its name in a sentence.
  var words: String

  var text: String { "\(path) \(words)" }

  /// Sentences, one for all files of which the same is to be said: whoever has thousands of scans does not want thousands
  /// of lines.
  static func texts(of notices: [FileNotice]) -> [String] {
    let byWords = Dictionary(grouping: notices, by: \.words)
    var said: Set<String> = []
    return notices.filter { said.insert($0.words).inserted }.map { first in
      let others = (byWords[first.words]?.count ?? 1) - 1
      return first.text + (others > 0 ? "; the same of \(others) more" : "")
    }
  }
}
