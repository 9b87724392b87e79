//! Where in an exchange a finding points.

/// A place, as a rendering can mark it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) side: Side,
    pub(super) part: Part,
}

/// Which message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
}

/// What of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// The request's method and target, or the response's status.
    FirstLine,
    /// The header fields of that name, in lower case.
    Header(String),
    /// A JSON pointer into the body; empty for the whole of it.
    Body(String),
}

impl Spot {
    /// Reads the place of a finding, `response body /clusterInfoList/0/state`; `None` if it is
    /// none that can be marked.
    pub(super) fn read(place: &str) -> Option<Self> {
        let mut words = place.splitn(3, ' ');
        let side = match words.next()? {
            "request" => Side::Request,
            "response" => Side::Response,
            _ => return None,
        };
        let (part, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let part = match part {
            "status" | "method" | "path" | "query" | "label" | "target" | "uri" => Part::FirstLine,
            "header" | "headers" => Part::Header(rest.to_ascii_lowercase()),
            "body" => Part::Body(rest.to_owned()),
            _ => return None,
        };
        Some(Self { side, part })
    }

    /// The header field to mark in the message on that side.
    pub(super) fn marks_header(&self, side: Side, name: &str) -> bool {
        self.side == side && matches!(&self.part, Part::Header(marked) if marked.eq_ignore_ascii_case(name))
    }

    /// Whether the first line of the message on that side is marked.
    pub(super) fn marks_first_line(&self, side: Side) -> bool {
        self.side == side && self.part == Part::FirstLine
    }

    /// The pointer into the body of the message on that side.
    pub(super) fn pointer(&self, side: Side) -> Option<&str> {
        match &self.part {
            Part::Body(pointer) if self.side == side => Some(pointer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_findings_are_read() {
        let read = |place| Spot::read(place).map(|spot| (spot.side, spot.part));
        assert_eq!(read("response status"), Some((Side::Response, Part::FirstLine)));
        assert_eq!(read("request query maxResults"), Some((Side::Request, Part::FirstLine)));
        let header = Part::Header("content-type".to_owned());
        assert_eq!(read("response header Content-Type"), Some((Side::Response, header)));
        let body = |pointer: &str| Some((Side::Response, Part::Body(pointer.to_owned())));
        assert_eq!(read("response body /a b/0"), body("/a b/0"));
        assert_eq!(read("response body"), body(""));
        assert_eq!(read(""), None);
        assert_eq!(read("the walk"), None);
        assert_eq!(read("response trailers x"), None);
    }
}
