/// A picture that the page shows.
public struct StudyPicture: Sendable, Equatable {
  /// Its title.
  public var title: String
  /// What is seen.
  public var caption: String
  /// The picture itself, a data URI.
  public var image: String

  /// A picture that the page shows.
  public init(title: String, caption: String, image: String) {
    self.title = title
    self.caption = caption
    self.image = image
  }
}

/// All that is drawn from a study.
public struct StudyReport {
  /// Names and contents.
  public let files: [(name: String, text: String)]

  /// All that is drawn from a study.
  public init(_ record: StudyRecord, pictures: [StudyPicture]) { files = [] }
}
