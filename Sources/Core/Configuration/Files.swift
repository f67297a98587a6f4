import Glibc

/// A configuration file's path and text.
public struct ConfigurationText: Sendable {
  /// Its path, as messages name it.
  public let file: String
  /// Its content.
  public let text: String
  /// A file's content.
  public init(file: String, text: String) {
    self.file = file
    self.text = text
  }
}

/// Which files make up a configuration.
enum ConfigurationFiles {
  /// The site's folder, the vendor's folder, and the name of the default study's file.
  static let siteFolder = "/etc/popcornd"
  static let vendorFolder = "/usr/lib/popcornd"
  static let defaultName = "popcornd.toml"
  /// A configuration is a page of text; more is another file.
  static let sizeLimit = 1 << 20

  /// The study whose file this is: `lesions` for `/etc/popcornd/lesions.toml`; nil for the default study and for files elsewhere.
  static func instance(of file: String, siteFolder: String = siteFolder) -> String? {
    guard file.hasPrefix(siteFolder + "/"), file.hasSuffix(".toml") else { return nil }
    let name = file.dropFirst(siteFolder.count + 1).dropLast(".toml".count)
    return name.isEmpty || name.contains("/") || name + ".toml" == defaultName ? nil : String(name)
  }

  /// All files of a configuration, in the order in which later ones win: the vendor's (for a file in the site's folder),
  /// the file, its drop-ins by name. Only `file` itself must be there.
  static func read(
    _ file: String, siteFolder: String = siteFolder, vendorFolder: String = vendorFolder
  ) throws(ConfigurationFailure) -> [ConfigurationText] {
    var optional: [String] = []
    if file.hasPrefix(siteFolder + "/") {
      let vendor = vendorFolder + "/" + defaultName
      optional += try [vendor] + dropIns(of: vendor)
    }
    // What cannot be looked at is there: reading it says why.
    let vendorFiles = optional.filter { access($0, F_OK) == 0 || errno != ENOENT && errno != ENOTDIR }
    var texts: [ConfigurationText] = []
    var mistakes: [ConfigurationMistake] = []
    for path in try vendorFiles + [file] + dropIns(of: file) {
      do throws(ConfigurationFailure) {
        texts.append(ConfigurationText(file: path, text: try content(of: path)))
      } catch {
        mistakes += error.mistakes
      }
    }
    guard mistakes.isEmpty else { throw ConfigurationFailure(mistakes) }
    return texts
  }

  /// `FILE.d/*.toml`, in the order of their names' bytes; hidden files are not among them. A folder that may not be listed, or
  /// whose listing breaks off, is a mistake: settings would be missing without a word.
  static func dropIns(of file: String) throws(ConfigurationFailure) -> [String] {
    func unlisted(_ reason: Int32) -> ConfigurationFailure {
      let words = "cannot be listed: \(String(cString: strerror(reason)))"
      return ConfigurationFailure([ConfigurationMistake(file: file + ".d", line: nil, words)])
    }
    guard let folder = opendir(file + ".d") else {
      let reason = errno
      guard reason == ENOENT || reason == ENOTDIR else { throw unlisted(reason) }
      return []
    }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      // Only errno tells the end from a fault.
      errno = 0
      guard let entry = readdir(folder) else { break }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      let name = String(decoding: bytes, as: UTF8.self)
      if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
    }
    let reason = errno
    guard reason == 0 else { throw unlisted(reason) }
    return names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map { file + ".d/" + $0 }
  }

  private static func content(of path: String) throws(ConfigurationFailure) -> String {
    func failure(_ words: String) -> ConfigurationFailure {
      ConfigurationFailure([ConfigurationMistake(file: path, line: nil, words)])
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      bytes += buffer[..<count]
      guard bytes.count <= sizeLimit else { throw failure("is larger than 1 MiB; this is no configuration") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("is not UTF-8 text") }
    return text
  }
}
