// "match": "loose": names that differ in case, blanks, `_`, `-` and camel case.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping/field_names.hpp"
#include "mapping_support.hpp"

namespace freight::mapping {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Names = std::vector<std::string>;

JobSpec loosely(JobSpec spec = {}) {
  spec.match = NameMatching::loose;
  return spec;
}

DestinationCatalog table(const Names& names) {
  std::vector<DestinationColumn> columns;
  for (const std::string& name : names) columns.push_back(catalog_column(name));
  return catalog_of(std::move(columns));
}

TEST(LooseNames, AreTheSameInEverySpelling) {
  const Names spellings{"ArtistId",     "artist_id",          "Artist ID",
                        "ARTIST-ID",    " artistId ",         "artistid_",
                        "_ARTIST__Id-", "artist\xC2\xA0\tid", "artist_id"};
  for (const std::string& field : spellings) {
    for (const std::string& column : spellings) {
      TestBatch batch({field});
      batch.add_bare({"1"});
      const RecordMapper mapper(loosely(), header({field}), table({column}));
      EXPECT_THAT(names(mapped_of(mapper, batch).rows.columns), ElementsAre(column)) << field;
    }
  }
  EXPECT_EQ(folded_name("\xC3\x84nder-Datum", NameMatch::loose),
            folded_name("\xC3\xA4nder datum", NameMatch::loose));
  EXPECT_NE(folded_name("_", NameMatch::loose), folded_name("-", NameMatch::loose));
}

TEST(LooseNames, AreNotMatchedUnlessTheJobSaysSo) {
  EXPECT_THAT(error_of([] { RecordMapper({}, header({"ArtistId"}), table({"artist_id"})); }),
              AllOf(HasSubstr("unknown_column"), HasSubstr("\"match\": \"loose\"")));
  EXPECT_THAT(error_of([] {
                RecordMapper(with_mapping({from("x", "artist_id")}), header({"ArtistId"}),
                             open_catalog());
              }),
              AllOf(HasSubstr("missing_header"), HasSubstr("\"match\": \"loose\"")));
}

TEST(LooseNames, AnExactOneWins) {
  TestBatch batch({"ArtistId", "artist_id"});
  batch.add_bare({"1", "2"});
  const RecordMapper mapper(loosely(), header({"ArtistId", "artist_id"}),
                            table({"artist_id", "ArtistId"}));
  const MappedBatch mapped = mapped_of(mapper, batch);
  EXPECT_THAT(names(mapped.rows.columns), ElementsAre("ArtistId", "artist_id"));
  EXPECT_THAT(mapper.loosely_matched(), IsEmpty());
  EXPECT_THAT(error_of([] {
                RecordMapper(loosely(), header({"ArtistId", "artist_id"}), table({"artist_id"}));
              }),
              HasSubstr("has no column \"ArtistId\""));
}

TEST(LooseNames, ThatCouldBeTwoAreRefusedWithBoth) {
  // Two columns for a field, two fields for a column, and the same of a header.
  EXPECT_THAT(error_of([] {
                RecordMapper(loosely(), header({"artist-id"}), table({"artist_id", "ArtistId"}));
              }),
              AllOf(HasSubstr("unknown_column: The name \"artist-id\" could be \"artist_id\""),
                    HasSubstr("\"ArtistId\" of the destination")));
  EXPECT_THAT(error_of([] {
                RecordMapper(loosely(), header({"Artist ID", "artist_id"}), table({"ArtistId"}));
              }),
              AllOf(HasSubstr("unknown_column: The names \"Artist ID\" and \"artist_id\""),
                    HasSubstr("could both be \"ArtistId\"")));
  const SourceDescription two = header({"Artist ID", "artist_id"});
  const auto refused = AllOf(HasSubstr("missing_header: The name \"ArtistId\" could be"),
                             HasSubstr("\"Artist ID\" or \"artist_id\" of the source"));
  const SchemaField field = schema_field("ArtistId", ValueType::string);
  EXPECT_THAT(error_of([&] { RecordMapper(loosely(with_schema({field})), two, open_catalog()); }),
              refused);
  EXPECT_THAT(error_of([&] {
                RecordMapper(loosely(with_mapping({from("x", "ArtistId")})), two, open_catalog());
              }),
              refused);
  JobSpec filtered = loosely();
  filtered.filter = FilterSpec{.kind = FilterSpec::Kind::missing, .field = "ArtistId"};
  EXPECT_THAT(error_of([&] { RecordMapper(filtered, two, open_catalog()); }), refused);
  // That a field may be missing does not make it missing.
  JobSpec may_be_missing = loosely(with_schema({field}));
  may_be_missing.schema->missing_columns = MissingColumns::null;
  EXPECT_THAT(error_of([&] { RecordMapper(may_be_missing, two, open_catalog()); }), refused);
  EXPECT_THAT(error_of([&] {
                RecordMapper(loosely(with_schema({field, schema_field("artist-id", {})})),
                             header({"artist_id"}), open_catalog());
              }),
              HasSubstr("missing_header: The names \"ArtistId\" and \"artist-id\" could both be"));
}

TEST(LooseNames, OfSchemaMappingAndFilterAreTheHeaders) {
  JobSpec spec = loosely(with_mapping({from("Full_Name", "full-name"), from("n", "num_ber")}));
  spec.mapping[0].from.reset();
  spec.mapping[0].text_template = "{full-name}!";
  spec.schema.emplace();
  spec.schema->fields = {schema_field("NumBer", ValueType::integer)};
  spec.filter = FilterSpec{.kind = FilterSpec::Kind::eq, .field = "STATE", .values = {"on"}};
  const Names fields{"Full Name", "num ber", "sta_te"};
  TestBatch batch(fields);
  batch.add_bare({"a", "1", "on"}).add_bare({"b", "2", "off"}).add_bare({"c", "x", "on"});
  const RecordMapper mapper(spec, header(fields), table({"fullName", "N"}));
  const MappedBatch mapped = mapped_of(mapper, batch);
  ASSERT_EQ(mapped.rows.rows(), 1U);
  EXPECT_THAT(row_of(mapped, 0), ElementsAre("a!", "1"));
  EXPECT_EQ(mapped.filtered.size(), 1U);
  EXPECT_EQ(mapped.exceptions.size(), 1U);
  EXPECT_THAT(mapper.loosely_matched(),
              AllOf(HasSubstr("\"full-name\" is the source's \"Full Name\""),
                    HasSubstr("\"NumBer\" is the source's \"num ber\""),
                    HasSubstr("\"STATE\" is the source's \"sta_te\""),
                    HasSubstr("\"Full_Name\" is the column \"fullName\""),
                    HasSubstr("\"n\" is the column \"N\"")));
}

TEST(LooseNames, AreSaidInOneSentenceThatIsBounded) {
  Names fields;
  Names columns;
  for (int index = 0; index < 150; ++index) {
    fields.push_back("Field No" + std::to_string(index));
    columns.push_back("field_no" + std::to_string(index));
  }
  const RecordMapper mapper(loosely(), header(fields), table(columns));
  EXPECT_THAT(mapper.loosely_matched(),
              AllOf(HasSubstr("\"Field No0\" is the column \"field_no0\""), HasSubstr("50 more")));
}

TEST(LooseNames, OfRecordsOwnKeysAreTheColumns) {
  SourceDescription source = header({"ArtistId", "Other"});
  source.open_fields = true;
  EXPECT_EQ(used_fields(loosely(), source, table({"artist_id", "new_one"})),
            (Names{"ArtistId", "new_one"}));
  EXPECT_EQ(used_fields(loosely(with_mapping({from("a", "artist id")})), source, table({"a"})),
            (Names{"ArtistId"}));
  EXPECT_EQ(used_fields({}, source, table({"artist_id"})), (Names{"artist_id"}));
  DestinationColumn filled = catalog_column("o_ther");
  filled.has_default = true;
  EXPECT_EQ(used_fields(loosely(), source, catalog_of({filled})), (Names{"Other"}));
  SourceDescription unclear = header({"ArtistId", "Artist_ID"});
  unclear.open_fields = true;
  EXPECT_THAT(error_of([&] { used_fields(loosely(), unclear, table({"artist_id"})); }),
              AllOf(HasSubstr("\"ArtistId\" or \"Artist_ID\"")));
}

TEST(LooseNames, OfASourcesOwnKeyGoWithItsColumns) {
  SourceDescription source = header({"ArtistId", "Name"});
  source.primary_key = {"ArtistId"};
  const TargetColumns target =
      target_columns(loosely(with_mapping({from("id", "artist_id"), from("n", "name")})), source);
  EXPECT_THAT(target.primary_key, ElementsAre("id"));
}

}  // namespace
}  // namespace freight::mapping
