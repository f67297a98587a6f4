import FoundationEssentials

/// A picture that is not drawn from the record, such as slices of scans.
public struct StudyPicture: Sendable, Equatable {
  /// Its heading.
  public var title: String
  /// How to read it.
  public var caption: String
  /// The text of an SVG, or a `data:image/…;base64,…` URI.
  public var image: String

  /// A picture with its heading.
  public init(title: String, caption: String, image: String) {
    self.title = title
    self.caption = caption
    self.image = image
  }

  /// The picture as an address of its own, so that nothing in it can act on the page; nil where it is neither SVG nor data.
  var address: String? {
    if image.hasPrefix("data:image/") { return image }
    let start = image.drop { $0.isWhitespace }
    guard start.hasPrefix("<svg") || start.hasPrefix("<?xml") else { return nil }
    return "data:image/svg+xml;base64," + Data(start.utf8).base64EncodedString()
  }
}
