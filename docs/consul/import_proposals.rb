# Takes published contributions into Consul Democracy as proposals of one account, by Consul's own validations:
#
#   bin/rails runner import_proposals.rb rues-et-places-consul.jsonl mairie@ville.example "Ville d'Exemple"
#
# Run again, it leaves out what it has taken in: beside the file it keeps which line became which proposal.
require "json"

file, email, responsible = ARGV
author = User.find_by(email: email)
abort "No account has the address #{email}." if author.nil?

kept = "#{file}.taken"
taken = File.exist?(kept) ? File.readlines(kept, chomp: true).to_h { |line| line.split("\t") } : {}
created = refused = 0

File.foreach(file, encoding: "UTF-8") do |line|
  said = JSON.parse(line)
  next if taken.key?(said["source"])

  proposal = Proposal.new(
    author: author,
    responsible_name: responsible || author.name,
    terms_of_service: "1",
    tag_list: said["tag_list"],
    created_at: said["created_at"],
    published_at: Time.now,
    translations_attributes: [said.slice("locale", "title", "summary", "description")]
  )
  if proposal.save
    File.write(kept, "#{said["source"]}\t#{proposal.id}\n", mode: "a")
    created += 1
  else
    warn "#{said["source"]}: #{proposal.errors.full_messages.join(", ")}"
    refused += 1
  end
end

puts "#{created} created, #{refused} refused, #{taken.size} there before"
exit 1 if refused.positive?
