# A stand-in for Consul Democracy's models: the validations of app/models/proposal.rb, read in its sources, and no more.
class User
  attr_reader :email, :name

  def self.find_by(email:)
    email == "mairie@ville.example" ? new(email) : nil
  end

  def initialize(email)
    @email = email
    @name = "Ville d'Exemple"
  end
end

class Errors
  attr_reader :full_messages

  def initialize
    @full_messages = []
  end
end

class Proposal
  KNOWN = %i[author responsible_name terms_of_service tag_list created_at published_at translations_attributes].freeze
  @@count = 0
  attr_reader :id, :errors

  def initialize(attributes)
    unknown = attributes.keys - KNOWN
    raise ArgumentError, unknown.join(" ") unless unknown.empty?

    @attributes = attributes
    @errors = Errors.new
  end

  def save
    said = @attributes[:translations_attributes].first
    wrong("title") unless (4..80).cover?(said["title"].to_s.length)
    wrong("summary") if said["summary"].to_s.strip.empty?
    wrong("description") if said["description"].to_s.length > 6000
    wrong("locale") unless %w[fr en].include?(said["locale"])
    wrong("responsible_name") unless (6..60).cover?(@attributes[:responsible_name].to_s.length)
    wrong("terms_of_service") unless @attributes[:terms_of_service] == "1"
    wrong("tag_list") if @attributes[:tag_list].length > 6 || @attributes[:tag_list].any? { |tag| tag.length > 160 }
    wrong("author") if @attributes[:author].nil?
    return false unless @errors.full_messages.empty?

    @id = (@@count += 1)
    puts JSON.generate(said.merge("created_at" => @attributes[:created_at], "tags" => @attributes[:tag_list]))
    true
  end

  private

    def wrong(what)
      @errors.full_messages << "#{what} is not valid"
    end
end
