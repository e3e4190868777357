//! Serialization of maps whose keys are not strings, as lists of pairs: JSON has only string keys.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// Writes a map.
pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
    map: &BTreeMap<K, V>,
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(map)
}

/// Reads a map.
pub fn deserialize<'de, K, V, D>(from: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Vec::deserialize(from).map(|pairs: Vec<(K, V)>| pairs.into_iter().collect())
}

/// The same for the maps in a map.
pub mod inner {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    /// Such a map has string keys.
    type Outer<K, V> = BTreeMap<String, BTreeMap<K, V>>;

    /// Writes a map of maps.
    pub fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &Outer<K, V>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(map.iter().map(|(name, inner)| (name, inner.iter().collect::<Vec<(&K, &V)>>())))
    }

    /// Reads a map of maps.
    pub fn deserialize<'de, K, V, D>(from: D) -> Result<Outer<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let lists: BTreeMap<String, Vec<(K, V)>> = BTreeMap::deserialize(from)?;
        Ok(lists.into_iter().map(|(name, pairs)| (name, pairs.into_iter().collect())).collect())
    }
}
