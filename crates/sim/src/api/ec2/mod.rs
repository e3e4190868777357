//! EC2: the network, and the Regions and zones that it lies in.
mod access;
mod interfaces;
mod places;
mod resources;

use super::shared::{find_all, page_size};
use crate::protocol::error::ApiError;
use crate::protocol::input::Input;
use crate::protocol::node::{Node, map};
use crate::protocol::paging::page;
use crate::world::network::NatGateway;
use crate::world::{Tag, World};

type Answer = Result<Node, ApiError>;

/// Runs an operation; `None` when there is none of that name.
pub(super) fn call(operation: &str, world: &World, input: Input<'_>) -> Option<Answer> {
    if !matches!(
        operation,
        "DescribeVpcs"
            | "DescribeSubnets"
            | "DescribeRouteTables"
            | "DescribeSecurityGroups"
            | "DescribeNatGateways"
            | "DescribeInternetGateways"
            | "DescribeVpcEndpoints"
            | "GetManagedPrefixListEntries"
            | "DescribeNetworkInterfaces"
            | "DescribeAddresses"
            | "DescribeSecurityGroupRules"
            | "DescribeNetworkAcls"
            | "DescribeAvailabilityZones"
            | "DescribeRegions"
    ) {
        return None;
    }
    match input.flag("DryRun") {
        Ok(Some(true)) => {
            return Some(Err(ApiError::new(
                "DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.",
            )
            .with_status(412)));
        }
        Ok(_) => {}
        Err(fault) => return Some(Err(fault)),
    }
    let network = &world.network;
    Some(match operation {
        "DescribeVpcs" => describe(world, input, &network.vpcs),
        "DescribeSubnets" => describe(world, input, &network.subnets),
        "DescribeRouteTables" => describe(world, input, &network.route_tables),
        "DescribeSecurityGroups" => describe(world, input, &network.security_groups),
        // A participant of a shared VPC is not shown its owner's.
        "DescribeNatGateways" if network.owner.is_some() => describe::<NatGateway>(world, input, &[]),
        "DescribeNatGateways" => describe(world, input, &network.nat_gateways),
        "DescribeVpcEndpoints" => describe(world, input, &network.endpoints),
        "GetManagedPrefixListEntries" => prefix_list_entries(world, input),
        "DescribeNetworkInterfaces" => describe(world, input, &interfaces::interfaces(world)),
        "DescribeAddresses" => addresses(world, input),
        "DescribeSecurityGroupRules" => describe(world, input, &access::group_rules(world)),
        "DescribeNetworkAcls" => describe(world, input, &access::network_acls(world)),
        "DescribeAvailabilityZones" => places::zones(world, input),
        "DescribeRegions" => places::regions(world, input),
        _ => describe(world, input, &network.internet_gateways),
    })
}

/// A kind of resource that an EC2 `Describe…` operation lists.
pub(super) trait Resource {
    /// The answer's list.
    const SET: &'static str;
    /// The request's list of ids.
    const IDS: &'static str;
    /// The error when an id does not exist, and the words before the id in its message.
    const MISSING: (&'static str, &'static str);

    fn id(&self) -> &str;
    fn tags(&self) -> &[Tag];
    /// The values that a filter of this name is matched against; `None` for an unknown name.
    fn values(&self, filter: &str) -> Option<Vec<String>>;
    fn render(&self, world: &World) -> Node;
}

fn describe<T: Resource>(world: &World, input: Input<'_>, all: &[T]) -> Answer {
    let ids = input.texts(T::IDS)?;
    let mut found: Vec<&T> = all.iter().collect();
    if !ids.is_empty() {
        let (chosen, missing) = find_all(&ids, |id| all.iter().find(|each| each.id() == id));
        if let Some(id) = missing.first() {
            let (code, words) = T::MISSING;
            return Err(ApiError::new(code, format!("The {words} '{id}' does not exist")));
        }
        found = chosen;
    }
    // DescribeNatGateways alone has always called its filters "Filter" in the model; on the wire all do.
    for filter in input.list("Filter")? {
        let name = filter.text("Name")?.unwrap_or_default();
        let wanted = filter.texts("Value")?;
        if !all.iter().all(|each| filter_values(world, each, name).is_some()) {
            return Err(ApiError::new("InvalidParameterValue", format!("The filter '{name}' is invalid")));
        }
        found.retain(|each| {
            filter_values(world, *each, name).is_some_and(|own| {
                own.iter().any(|value| wanted.iter().any(|pattern| matches(pattern, value)))
            })
        });
    }
    // With ids there are no pages.
    let size = page_size(input.int("MaxResults")?, 1000, 5..=1000).map_err(|()| {
        ApiError::new("InvalidParameterValue", "Value for parameter maxResults must be between 5 and 1000.")
    })?;
    if !ids.is_empty() && input.has("MaxResults") {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            format!("The parameter {} cannot be used with the parameter maxResults", T::IDS),
        ));
    }
    let token = input.text("NextToken")?.filter(|token| !token.is_empty());
    let (found, next) = page(found, size, token, T::SET, |each| each.id().to_owned())
        .map_err(|_| ApiError::new("InvalidNextToken", "The token is not valid."))?;
    Ok(Node::Map(vec![
        (T::SET.into(), Node::list(found.into_iter().map(|each| each.render(world)))),
        ("nextToken".into(), next.into()),
    ]))
}

fn prefix_list_entries(world: &World, input: Input<'_>) -> Answer {
    let id = input.text("PrefixListId")?.unwrap_or_default();
    let Some((_, ranges)) = world.network.prefix_lists.iter().find(|(own, _)| own == id) else {
        return Err(ApiError::new(
            "InvalidPrefixListID.NotFound",
            format!("The prefix list ID '{id}' does not exist."),
        ));
    };
    Ok(map! { "entrySet": Node::list(ranges.iter().map(|range| map! { "cidr": range })) })
}

/// `DescribeAddresses`, which also takes addresses for ids.
fn addresses(world: &World, input: Input<'_>) -> Answer {
    let mut all = interfaces::elastic_addresses(world);
    let wanted = input.texts("PublicIp")?;
    let known = |address: &str| all.iter().any(|each| each.has(address));
    if let Some(address) = wanted.iter().find(|address| !known(address)) {
        return Err(ApiError::new("InvalidAddress.NotFound", format!("Address '{address}' not found.")));
    }
    all.retain(|each| wanted.is_empty() || wanted.iter().any(|address| each.has(address)));
    describe(world, input, &all)
}

fn filter_values<T: Resource>(world: &World, each: &T, name: &str) -> Option<Vec<String>> {
    if name == "owner-id" {
        return one(&world.account.id);
    }
    if name == "tag-key" {
        return Some(each.tags().iter().map(|tag| tag.key.clone()).collect());
    }
    if let Some(key) = name.strip_prefix("tag:") {
        let tags = each.tags().iter().filter(|tag| tag.key == key);
        return Some(tags.map(|tag| tag.value.clone()).collect());
    }
    each.values(name)
}

/// A filter's single value.
#[expect(clippy::unnecessary_wraps, reason = "it stands beside the `None` of unknown filters")]
pub(super) fn one(value: &str) -> Option<Vec<String>> {
    Some(vec![value.to_owned()])
}

/// EC2's filter patterns: `*` is any run of characters, `?` any one.
fn matches(pattern: &str, value: &str) -> bool {
    let (pattern, value): (Vec<char>, Vec<char>) = (pattern.chars().collect(), value.chars().collect());
    let (mut at, mut from) = (0, 0);
    // Where matching continues after the last `*` if that takes one more character.
    let mut again = None;
    while from < value.len() {
        match pattern.get(at) {
            Some('*') => {
                again = Some((at + 1, from));
                at += 1;
            }
            Some(own) if *own == '?' || *own == value[from] => {
                at += 1;
                from += 1;
            }
            _ => match again {
                Some((after_star, taken)) => {
                    again = Some((after_star, taken + 1));
                    at = after_star;
                    from = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn filters_match_patterns() {
        for (pattern, value, expected) in [
            ("vpc-1", "vpc-1", true),
            ("vpc-1", "vpc-12", false),
            ("party-*", "party-box", true),
            ("*box", "party-box", true),
            ("p?rty*b*x", "party-box", true),
            ("*", "", true),
            ("?", "", false),
            ("*a*b", "aab-a", false),
        ] {
            assert_eq!(matches(pattern, value), expected, "{pattern} {value}");
        }
    }
}
