//! The `Link` header, by which lists are paged. Source: RFC 8288; distribution-spec 1.1,
//! "Listing Tags".

/// The query of the link with `rel="next"`.
///
/// Only the query is taken: registries behind other names and paths write links that lead
/// nowhere, and a listing has no business at another host.
pub(crate) fn next_query(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, after) = after.split_once('>')?;
        let parameters = after.split_once(',').filter(|(_, next)| next.contains('<'));
        let (parameters, following) = parameters.unwrap_or((after, ""));
        if parameters.split(';').any(says_next) {
            return url.split_once('?').map(|(_, query)| query).filter(|query| !query.is_empty());
        }
        rest = following;
    }
    None
}

fn says_next(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let value = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("rel")
        && value.split(' ').any(|rel| rel.eq_ignore_ascii_case("next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found() {
        for (header, query) in [
            ("</v2/a/tags/list?last=b&n=2>; rel=\"next\"", Some("last=b&n=2")),
            ("<https://elsewhere/v2/a/tags/list?last=b>; rel=next", Some("last=b")),
            ("<?last=1,2>;rel=\"next\"", Some("last=1,2")),
            ("<?p=0>; rel=\"prev\", <?p=2>; title=x; Rel=\"last next\"", Some("p=2")),
            ("</v2/a/tags/list>; rel=\"next\"", None),
            ("<?p=1>; rel=\"prev\"", None),
            ("<?p=1", None),
            ("", None),
        ] {
            assert_eq!(next_query(header), query, "{header}");
        }
    }
}
