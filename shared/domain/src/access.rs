//! What a signed-in person may do, by the groups of the user pool that they are in.

/// Who may do more comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Signed in, and in no group that we know.
    Stranger,
    /// Sees everything and changes nothing.
    Viewer,
    /// Does everything.
    Owner,
}

impl Access {
    /// By the token's claim `cognito:groups` as a gateway hands it on: it makes one text of the list, `viewer,owner` on AWS and
    /// `[viewer owner]` elsewhere. Who is in both groups is an owner.
    pub fn of_groups(claim: &str) -> Self {
        let groups = claim.split([',', ' ', '[', ']']);
        let known = groups.filter_map(|group| match group {
            "owner" => Some(Self::Owner),
            "viewer" => Some(Self::Viewer),
            _ => None,
        });
        known.max().unwrap_or(Self::Stranger)
    }

    /// What a program can tell the refusal by, and the sentence for the person; `None`: they may do `wanted`.
    pub fn refusal(self, wanted: Self) -> Option<(&'static str, &'static str)> {
        if self >= wanted {
            return None;
        }
        Some(match self {
            Self::Stranger => (
                "no-role",
                "You are signed in, but in neither of the groups `owner` and `viewer`; ask whoever runs this Tributary to add \
                 you to one, then sign in again.",
            ),
            Self::Viewer | Self::Owner => (
                "read-only",
                "You may look at everything and change nothing; ask an owner to do this, or to add you to the group `owner`.",
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_a_token_are_read_however_a_gateway_writes_them() {
        for (claim, access) in [
            ("owner", Access::Owner),
            ("viewer", Access::Viewer),
            ("viewer,owner", Access::Owner),
            ("owner,viewer,accountants", Access::Owner),
            ("[viewer]", Access::Viewer),
            ("[viewer owner]", Access::Owner),
            ("accountants,viewer", Access::Viewer),
            ("", Access::Stranger),
            ("[]", Access::Stranger),
            ("accountants", Access::Stranger),
            ("Owner", Access::Stranger),
            ("owners", Access::Stranger),
            ("co-owner,viewers", Access::Stranger),
        ] {
            assert_eq!(Access::of_groups(claim), access, "{claim}");
        }
    }

    #[test]
    fn who_may_do_more_may_do_less_and_a_refusal_says_what_to_do() {
        let every = [Access::Stranger, Access::Viewer, Access::Owner];
        for who in every {
            for wanted in every {
                assert_eq!(who.refusal(wanted).is_none(), who >= wanted, "{who:?} {wanted:?}");
            }
        }
        let (kind, says) = Access::Stranger.refusal(Access::Viewer).unwrap();
        assert_eq!(kind, "no-role");
        assert!(says.contains("add you to one"), "{says}");
        assert_eq!(Access::Viewer.refusal(Access::Owner).unwrap().0, "read-only");
    }
}
